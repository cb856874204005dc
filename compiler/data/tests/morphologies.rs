//! Columns of SWC files: trees that are known, in any order of their lines, and files that are wrong.

use bpc_data::{Array, ReadError, read};
use proptest::prelude::*;
use std::f64::consts::PI;

fn column(text: &str, name: &str) -> Vec<f64> {
    match read("cell.swc", text.as_bytes(), Some(name)) {
        Ok(Array::Vector(values)) => values,
        other => panic!("{name}: {other:?}"),
    }
}

fn wrong(text: &str) -> ReadError {
    read("cell.swc", text.as_bytes(), Some("length")).expect_err(text)
}

const TREE: &str =
    "\u{feff}# a cell\r\n\r\n1 1 0 0 0 5 -1\r\n 10 3 20 0 0 1.0 1 # first\n11 3 2e1 30 0 2 10\n12 3 20 0 40 1 10\n";

#[test]
fn the_columns_of_a_tree() {
    assert_eq!(column(TREE, "type"), [1.0, 3.0, 3.0, 3.0]);
    assert_eq!(column(TREE, "x"), [0.0, 20.0, 20.0, 20.0]);
    assert_eq!(column(TREE, "y"), [0.0, 0.0, 30.0, 0.0]);
    assert_eq!(column(TREE, "z"), [0.0, 0.0, 0.0, 40.0]);
    assert_eq!(column(TREE, "radius"), [5.0, 1.0, 2.0, 1.0]);
    assert_eq!(column(TREE, "parent"), [-1.0, 0.0, 1.0, 1.0]);
    assert_eq!(column(TREE, "length"), [0.0, 20.0, 30.0, 40.0]);
    // Cylinders start from the sphere of the soma, frusta from other points.
    let diameters = column(TREE, "diameter");
    assert_eq!(diameters, [10.0, 2.0, 2.0 * 2.0_f64.sqrt(), 2.0]);
    // Lateral areas: of cylinders 2 pi r l, of the halves of a frustum from 1 over 1.5 to 2, pi (r + s) sqrt(h^2 + (r - s)^2).
    let half = 15.0_f64.hypot(0.5);
    let expected = [100.0 * PI + 20.0 * PI, 20.0 * PI + PI * 2.5 * half + 40.0 * PI, PI * 3.5 * half, 40.0 * PI];
    for (found, expected) in column(TREE, "area").into_iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12 * expected, "{found}, not {expected}");
    }
}

#[test]
fn a_soma_of_three_points_is_a_sphere() {
    let three = "1 1 7 0 0 5 -1\n2 1 7 -5 0 5 1\n3 1 7 5.01 0 5 1\n4 3 30 0 0 1 1\n5 3 7 -40 0 1 2\n6 2 50 0 0 1 4\n";
    let one = "1 1 7 0 0 5 -1\n4 3 30 0 0 1 1\n5 3 7 -40 0 1 1\n6 2 50 0 0 1 4\n";
    for name in ["type", "x", "y", "z", "radius", "parent", "length", "diameter", "area"] {
        assert_eq!(column(three, name), column(one, name), "{name}");
    }
    // Other shapes of a soma stay what they are: its points, and frusta between them.
    for other in [
        "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 9 0 5 1\n",
        "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 4 1\n",
        "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 5 2\n",
        "1 1 0 0 0 5 -1\n2 1 0 5 0 5 1\n3 1 0 5 0 5 1\n",
    ] {
        assert_eq!(column(other, "radius").len(), 3, "{other}");
    }
    let contour = "1 1 0 0 0 5 -1\n2 1 0 0 10 5 1\n";
    assert_eq!(column(contour, "diameter"), [10.0, 10.0]);
    column(contour, "area").iter().for_each(|area| assert!((area - 50.0 * PI).abs() < 1e-12));
}

#[test]
fn what_is_no_tree_is_refused() {
    let root = "1 3 0 0 0 1 -1\n";
    for (text, told) in [
        ("", "no points"),
        ("# nothing\n", "no points"),
        ("1 3 0 0 0 1\n", "line 1 has 6 numbers"),
        ("1 3 0 0 0 1 -1 0\n", "line 1 has 8 numbers"),
        ("1 3 0 0 0 1 2\n2 3 1 0 0 1 1\n", "no root"),
        (&format!("{root}2 3 1 0 0 1 -1\n"), "lines 1 and 2 are both roots"),
        (&format!("{root}2 3 1 0 0 1 7\n"), "line 2: there is no point 7"),
        (&format!("{root}1 3 1 0 0 1 1\n"), "lines 1 and 2 have the same number"),
        (&format!("{root}2 3 1 0 0 1 3\n3 3 2 0 0 1 2\n"), "the point of line 2 does not lead to the root"),
        (&format!("{root}2 3 1 0 0 1 2\n"), "the point of line 2 does not lead to the root"),
        (&format!("{root}2 3 x 0 0 1 1\n"), "line 2: the x `x` is no number"),
        (&format!("{root}2 3 nan 0 0 1 1\n"), "the x in line 2 is NaN"),
        (&format!("{root}2 3 0 0 1e999 1 1\n"), "the z in line 2 is infinite"),
        (&format!("{root}2 3 1 0 0 0 1\n"), "line 2: the radius is 0"),
        (&format!("{root}2 3 1 0 0 -1 1\n"), "line 2: the radius is -1"),
        (&format!("{root}2 3 1 0 0 1 -2\n"), "line 2: the parent is -2"),
        (&format!("{root}-2 3 1 0 0 1 1\n"), "line 2: the number is -2"),
        (&format!("{root}2 1.5 1 0 0 1 1\n"), "line 2: the type is 1.5"),
        (&format!("{root}2 3 0 0 0 1 1\n"), "lines 1 and 2: 0 is no length"),
        (&format!("{root}2 3 1e300 0 0 1 1\n"), "lines 1 and 2: inf is no length"),
    ] {
        let error = wrong(text).to_string();
        assert!(error.contains(told), "{text:?}: {error}");
    }
    let lonely = read("a.swc", root.as_bytes(), Some("area")).expect_err("no membrane").to_string();
    assert!(lonely.contains("line 1: the membrane there has no area"), "{lonely}");
    let present =
        || ["type", "x", "y", "z", "radius", "parent", "length", "diameter", "area"].map(str::to_owned).into();
    for wanted in [None, Some("id")] {
        let error = ReadError::NoArray { wanted: wanted.map(str::to_owned), present: present() };
        assert_eq!(read("a.swc", TREE.as_bytes(), wanted), Err(error));
    }
    // Comments may be in Latin-1, numbers not.
    assert!(read("a.swc", b"# \xb5m\n1 3 0 0 0 1 -1 # \xb5\n", Some("x")).is_ok());
    assert!(read("a.swc", b"1 3 0 0 \xb5 1 -1\n", Some("x")).is_err());
}

proptest! {
    /// A tree whose lines are shuffled, with numbers of no order: the rows are the same tree with parents first.
    #[test]
    fn parents_come_first_in_any_order(
        parents in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        keys in prop::collection::vec(any::<u64>(), 61),
    ) {
        let above: Vec<Option<usize>> =
            std::iter::once(None).chain(parents.iter().enumerate().map(|(i, p)| Some(p.index(i + 1)))).collect();
        let number = |i: usize| (i * 37 + 11) % 1009;
        // A radius of its own tells the points apart.
        let line = |i: usize| {
            let parent = above[i].map_or(-1, |parent| number(parent) as i64);
            format!("{} 3 {i} 0 0 {} {parent}\n", number(i), i + 1)
        };
        let mut order: Vec<usize> = (0..above.len()).collect();
        let in_order: String = order.iter().map(|&i| line(i)).collect();
        let radii: Vec<f64> = (0..above.len()).map(|i| i as f64 + 1.0).collect();
        prop_assert_eq!(column(&in_order, "radius"), radii);
        order.sort_by_key(|&i| keys[i]);
        let shuffled: String = order.iter().map(|&i| line(i)).collect();
        let point: Vec<usize> = column(&shuffled, "radius").into_iter().map(|r| r as usize - 1).collect();
        let found = column(&shuffled, "parent");
        for (row, parent) in found.into_iter().enumerate() {
            prop_assert!(parent < row as f64);
            let above_it = (parent >= 0.0).then(|| point[parent as usize]);
            prop_assert_eq!(above_it, above[point[row]]);
        }
    }

    #[test]
    fn noise_never_panics(lines in prop::collection::vec("[0-9]{1,2} [0-9] [-0-9.e]{1,4} 0 0 [0-9.]{1,3} (-1|[0-9])", 0..12)) {
        for name in ["parent", "length", "area"] {
            let _ = read("a.swc", lines.join("\n").as_bytes(), Some(name));
        }
    }
}
