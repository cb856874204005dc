//! Which operation of MLIR stands for which operation of the graph: one table, read both ways.

use super::expression::Op;

/// Operations whose operands and result are as they stand.
pub const PLAIN: &[(Op, &str)] = &[
    (Op::Neg, "arith.negf"),
    (Op::Add, "arith.addf"),
    (Op::Sub, "arith.subf"),
    (Op::Mul, "arith.mulf"),
    (Op::Div, "arith.divf"),
    (Op::Min, "arith.minimumf"),
    (Op::Max, "arith.maximumf"),
    (Op::And, "arith.andi"),
    (Op::Or, "arith.ori"),
    (Op::Select, "arith.select"),
    (Op::Pow, "math.powf"),
    (Op::Exp, "math.exp"),
    (Op::Expm1, "math.expm1"),
    (Op::Log, "math.log"),
    (Op::Log1p, "math.log1p"),
    (Op::Sqrt, "math.sqrt"),
    (Op::Sin, "math.sin"),
    (Op::Cos, "math.cos"),
    (Op::Tan, "math.tan"),
    (Op::Sinh, "math.sinh"),
    (Op::Cosh, "math.cosh"),
    (Op::Tanh, "math.tanh"),
    (Op::Erf, "math.erf"),
    (Op::Abs, "math.absf"),
    (Op::Floor, "math.floor"),
    (Op::Ceil, "math.ceil"),
    (Op::Log10, "math.log10"),
    (Op::Log2, "math.log2"),
    (Op::Atan, "math.atan"),
    (Op::Asin, "math.asin"),
    (Op::Acos, "math.acos"),
    (Op::Atan2, "math.atan2"),
    (Op::Modulo, "dynamics.modulo"),
    (Op::Round, "math.roundeven"),
    (Op::Exprel, "dynamics.exprel"),
    (Op::Sigmoid, "dynamics.sigmoid"),
    (Op::Steps, "dynamics.steps"),
    (Op::Running, "dynamics.running"),
    (Op::CountDown, "dynamics.count_down"),
];

/// Comparisons and the predicates of `arith.cmpf` (ordered, but for `!=`).
pub const COMPARISONS: &[(Op, i64)] =
    &[(Op::Equal, 1), (Op::Greater, 2), (Op::GreaterEqual, 3), (Op::Less, 4), (Op::LessEqual, 5), (Op::NotEqual, 13)];
