//! The C interface of a network's object: the constant `<symbol>_network` and one exported
//! function for each entry of [`API`], which calls the runtime's function of that name.

use crate::Bug;
use bpc_runtime_abi::symbols::{API, ApiFunction, PREFIX};
use bpc_runtime_abi::{ABI_VERSION, LANES};
use inkwell::AddressSpace;
use inkwell::GlobalVisibility;
use inkwell::context::ContextRef;
use inkwell::module::{Linkage, Module};
use inkwell::types::{AnyTypeEnum, BasicMetadataTypeEnum};
use inkwell::values::{BasicMetadataValueEnum, FunctionValue, GlobalValue, PointerValue, UnnamedAddress};

/// The type that stands for the network's constant in [`API`].
const HIDDEN: &str = "NETWORK";

/// The functions that the lowering makes, in the order of [`bpc_runtime_abi::Network`].
const GENERATED: [&str; 4] = ["derive", "init", "step", "synapses"];
/// The one behind them, which it makes if there is something to compute.
const COEFFICIENTS: &str = "coefficients";

/// Adds constant and functions; afterwards nothing else is visible outside the module.
///
/// # Errors
/// A [`Bug`] if one of [`GENERATED`] is missing.
pub fn add(module: &Module<'_>, symbol: &str, descriptor: &[u8]) -> Result<(), Bug> {
    hide(module);
    let network = add_network(module, symbol, descriptor)?;
    for function in API {
        add_wrapper(module, symbol, network.as_pointer_value(), function)?;
    }
    Ok(())
}

/// Everything that is defined becomes internal.
fn hide(module: &Module<'_>) {
    for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        function.set_linkage(Linkage::Internal);
    }
    for global in module.get_globals().filter(|global| global.get_initializer().is_some()) {
        global.set_linkage(Linkage::Internal);
    }
}

/// The [`bpc_runtime_abi::Network`].
fn add_network<'ctx>(module: &Module<'ctx>, symbol: &str, descriptor: &[u8]) -> Result<GlobalValue<'ctx>, Bug> {
    let context = module.get_context();
    let bytes = context.const_string(descriptor, false);
    let text = module.add_global(bytes.get_type(), None, "descriptor");
    text.set_initializer(&bytes);
    text.set_constant(true);
    text.set_linkage(Linkage::Private);
    text.set_unnamed_address(UnnamedAddress::Global);
    text.set_alignment(LANES as u32);

    let (int, long) = (context.i32_type(), context.i64_type());
    let mut fields = vec![
        int.const_int(ABI_VERSION.into(), false).into(),
        int.const_zero().into(),
        text.as_pointer_value().into(),
        long.const_int(descriptor.len() as u64, false).into(),
    ];
    for name in GENERATED {
        fields.push(generated(module, symbol, name)?.as_global_value().as_pointer_value().into());
    }
    let coefficients = defined(module, symbol, COEFFICIENTS);
    let none = context.ptr_type(AddressSpace::default()).const_null();
    fields.push(coefficients.map_or(none, |function| function.as_global_value().as_pointer_value()).into());
    let value = context.const_struct(&fields, false);
    let network = module.add_global(value.get_type(), None, &format!("{symbol}_network"));
    network.set_initializer(&value);
    network.set_constant(true);
    Ok(network)
}

fn generated<'ctx>(module: &Module<'ctx>, symbol: &str, name: &str) -> Result<FunctionValue<'ctx>, Bug> {
    defined(module, symbol, name).ok_or_else(|| Bug(format!("the lowered module does not define {symbol}_{name}")))
}

fn defined<'ctx>(module: &Module<'ctx>, symbol: &str, name: &str) -> Option<FunctionValue<'ctx>> {
    module.get_function(&format!("{symbol}_{name}")).filter(|function| function.count_basic_blocks() > 0)
}

/// `<symbol>_<name>(arguments)` is `bpc_rt3_<name>(&network, arguments)`.
fn add_wrapper<'ctx>(
    module: &Module<'ctx>,
    symbol: &str,
    network: PointerValue<'ctx>,
    function: &ApiFunction,
) -> Result<(), Bug> {
    let context = module.get_context();
    let mut outer = Vec::new();
    let mut inner = Vec::new();
    for (kind, _) in function.arguments {
        let kind_type: BasicMetadataTypeEnum<'ctx> = c_type(context, kind)?
            .and_then(|kind| kind.try_into().ok())
            .ok_or_else(|| Bug(format!("an argument of {} is {kind}", function.name)))?;
        inner.push(kind_type);
        if *kind != HIDDEN {
            outer.push(kind_type);
        }
    }
    let callee =
        module.add_function(&format!("{PREFIX}{}", function.name), signature(context, function, &inner)?, None);
    callee.as_global_value().set_visibility(GlobalVisibility::Hidden);

    // Until here `<symbol>_step` is the generated function: it makes way, under a name that no C has.
    let name = format!("{symbol}_{}", function.name);
    if let Some(taken) = module.get_function(&name) {
        taken.as_global_value().set_name(&format!("{symbol}.{}", function.name));
    }
    let wrapper = module.add_function(&name, signature(context, function, &outer)?, None);
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(wrapper, ""));
    let mut given = wrapper.get_param_iter();
    let mut arguments: Vec<BasicMetadataValueEnum<'ctx>> = Vec::new();
    for (kind, _) in function.arguments {
        arguments.push(if *kind == HIDDEN {
            network.into()
        } else {
            given.next().ok_or_else(|| Bug("a wrapper lacks an argument".into()))?.into()
        });
    }
    let bug = |error| Bug(format!("wrapper {name}: {error}"));
    let call = builder.build_call(callee, &arguments, "").map_err(bug)?;
    call.set_tail_call(true);
    match call.try_as_basic_value().basic() {
        Some(value) => builder.build_return(Some(&value)),
        None => builder.build_return(None),
    }
    .map_err(bug)?;
    Ok(())
}

fn signature<'ctx>(
    context: ContextRef<'ctx>,
    function: &ApiFunction,
    arguments: &[BasicMetadataTypeEnum<'ctx>],
) -> Result<inkwell::types::FunctionType<'ctx>, Bug> {
    Ok(match c_type(context, function.result)? {
        None => context.void_type().fn_type(arguments, false),
        Some(AnyTypeEnum::IntType(result)) => result.fn_type(arguments, false),
        Some(AnyTypeEnum::FloatType(result)) => result.fn_type(arguments, false),
        Some(AnyTypeEnum::PointerType(result)) => result.fn_type(arguments, false),
        Some(other) => return Err(Bug(format!("{} returns {other:?}", function.name))),
    })
}

/// The LLVM type of a C type of the table; `None` is `void`.
fn c_type<'ctx>(context: ContextRef<'ctx>, name: &str) -> Result<Option<AnyTypeEnum<'ctx>>, Bug> {
    Ok(Some(match name {
        "void" => return Ok(None),
        "double" => context.f64_type().into(),
        "int32_t" | "uint32_t" => context.i32_type().into(),
        "int64_t" | "uint64_t" | "size_t" => context.i64_type().into(),
        _ if name == HIDDEN || name.ends_with('*') => context.ptr_type(AddressSpace::default()).into(),
        _ => return Err(Bug(format!("the interface has the unknown C type {name}"))),
    }))
}
