//! Cells from SWC files: a cylinder against the same cable written by hand, and a tree against the closed form of its steady potentials.

use crate::bpc::{run_json, text};
use crate::statistics::array;
use std::fmt::Write as _;
use std::fs;
use tempfile::TempDir;

/// Runs a file that stands beside `cell.swc`.
fn run(model: &str, swc: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    fs::write(folder.path().join("cell.swc"), swc).expect("written");
    fs::write(&file, model).expect("written");
    run_json(&["run", &text(&file), "--out", &text(folder.path())]);
    folder
}

fn trace(run: &TempDir, state: &str) -> Vec<f64> {
    let values = array(&run.path().join("traces.npz"), state);
    assert!(!values.is_empty(), "no sample of {state}");
    values
}

const COLUMNS: &str = "
data parent = file(\"cell.swc\", \"parent\")
data length : um = file(\"cell.swc\", \"length\")
data diameter : um = file(\"cell.swc\", \"diameter\")
data area : um^2 = file(\"cell.swc\", \"area\")
";

/// An excitable axon in 24 points, numbered backwards, along a diagonal: the compartments are those of a plain array whose ends
/// are halves.
#[test]
fn a_cylinder_is_the_cable_written_by_hand() {
    const POINTS: usize = 24;
    let mut swc = "# from the far end\n".to_owned();
    for k in (0..POINTS).rev() {
        let number = 100 - k;
        let parent = if k == 0 { -1 } else { 101 - k as i64 };
        writeln!(swc, "{number} 2 {} {} 5 1.5 {parent}", 30 * k, -40 * (k as i64)).expect("text");
    }
    let inside = "
        input I : nA
        channel Na : INa_HH1952
        channel K : IK_HH1952
        channel L : IL { g_max = 0.3 mS/cm^2, E = -54.4 mV }
    ";
    let model = format!(
        "use std::channels::{{INa_HH1952, IK_HH1952, IL}}
        use std::physics::{{axial_conductance, cylinder_area}}
        {COLUMNS}
        cell Traced {{
            compartment section[k in 0..parent.size] {{
                membrane V : mV = -65 mV {{ capacitance = 1 uF/cm^2  area = area[k] }} {inside}
            }}
            couple section[k] <-> section[parent[k]] (axial_conductance(100 Ohm*cm, diameter[k], length[k])) for k in 1..{POINTS}
        }}
        cell Written {{
            compartment section[k in 0..{POINTS}] {{
                param share = if k == 0 or k == {POINTS} - 1 then 0.5 else 1
                membrane V : mV = -65 mV {{ capacitance = 1 uF/cm^2  area = share * cylinder_area(3 um, 50 um) }} {inside}
            }}
            couple section[k] <-> section[k - 1] (axial_conductance(100 Ohm*cm, 3 um, 50 um)) for k in 1..{POINTS}
        }}
        network Net {{
            population A : Traced
            population B : Written
            drive A.section[0].I, B.section[0].I = if t < 1 ms then 1 nA else 0 nA
        }}
        simulate Net {{ dt 0.025 ms  duration 8 ms  record A.section[0..{POINTS}].V, B.section[0..{POINTS}].V }}"
    );
    let run = run(&model, &swc);
    let mut most = f64::MIN;
    for k in 0..POINTS {
        let [a, b] = ["A", "B"].map(|name| trace(&run, &format!("{name}.section[{k}].V")));
        assert_eq!(a.len(), 320);
        most = a.iter().fold(most, |most, v| most.max(*v));
        let error = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error < 1e-9, "compartment {k}: {error}");
    }
    // A spike has run along it.
    assert!(most > 20.0, "{most}");
}

/// W. Rall (1959), steady potentials in a tree with sealed ends: a current I into a soma makes I / G, where G adds up the soma's own
/// membrane and what its dendrites take, each G_inf (B + tanh L) / (1 + B tanh L) of its electrotonic length L with B = 0 at a
/// sealed end, and, where two branches as thick begin at its end, B = 2 tanh of theirs.
#[test]
fn a_tree_follows_cable_theory_to_order_two() {
    // Ohm cm, S/cm^2, um
    let (resistivity, conductance, soma) = (100.0, 1e-3, 10.0_f64);
    let length_constant = |radius: f64| (radius * 2e-4 / (4.0 * resistivity * conductance)).sqrt() * 1e4;
    // In S
    let infinite =
        |radius: f64| std::f64::consts::PI / 2.0 * (conductance / resistivity).sqrt() * (2e-4 * radius).powf(1.5);
    let (plain, stem, branches) = ((2.0, 0.8_f64), (0.7, 0.5_f64), 0.6_f64);
    let load = 2.0 * branches.tanh();
    let of_soma = conductance * 4.0 * std::f64::consts::PI * (soma * 1e-4_f64).powi(2);
    let of_plain = infinite(plain.0) * plain.1.tanh();
    let of_stem = infinite(stem.0) * (load + stem.1.tanh()) / (1.0 + load * stem.1.tanh());
    // 0.1 nA, in mV
    let at_soma = 1e-10 / (of_soma + of_plain + of_stem) * 1e3;
    let wanted =
        [at_soma, at_soma / plain.1.cosh(), at_soma / (stem.1.cosh() + load * stem.1.sinh()) / branches.cosh()];
    let errors = [5_usize, 10].map(|n| {
        let mut swc = format!("1 1 0 0 0 {soma} -1\n");
        let mut count = 1;
        let mut places = vec![[0.0; 3]];
        // n pieces from a point on, in a direction of length 1; the number of the last point.
        let mut cable = |from: usize, (radius, electrotonic): (f64, f64), direction: [f64; 3]| {
            let step = electrotonic * length_constant(radius) / n as f64;
            let mut parent = from;
            for _ in 0..n {
                let before = places[parent - 1];
                let place = [0, 1, 2].map(|axis| before[axis] + step * direction[axis]);
                places.push(place);
                count += 1;
                writeln!(swc, "{count} 3 {} {} {} {radius} {parent}", place[0], place[1], place[2]).expect("text");
                parent = count;
            }
            parent
        };
        let tip = cable(1, plain, [0.0, -1.0, 0.0]);
        let fork = cable(1, stem, [0.6, 0.0, 0.8]);
        let left = cable(fork, (stem.0, branches), [0.0, 1.0, 0.0]);
        let right = cable(fork, (stem.0, branches), [0.48, -0.6, 0.64]);
        let shown = [1, tip, left, right].map(|point| format!("A.section[{}].V", point - 1));
        let model = format!(
            "use std::channels::IL
            use std::physics::axial_conductance
            {COLUMNS}
            cell Traced {{
                compartment section[k in 0..parent.size] {{
                    input I : nA
                    membrane V : mV = 0 mV {{ capacitance = 0.1 uF/cm^2  area = area[k] }}
                    channel L : IL {{ g_max = 1 mS/cm^2, E = 0 mV }}
                }}
                couple section[k] <-> section[parent[k]] (axial_conductance(100 Ohm*cm, diameter[k], length[k]))
                    for k in 1..parent.size
            }}
            network Net {{ population A : Traced  drive A.section[0].I = 0.1 nA }}
            simulate Net {{ dt 0.05 ms  duration 10 ms  record {} }}",
            shown.join(", ")
        );
        let run = run(&model, &swc);
        let [soma, tip, left, right] = shown.map(|state| *trace(&run, &state).last().expect("a sample"));
        assert!((left - right).abs() < 1e-9 * left, "branches that are as long: {left}, {right}");
        [soma - wanted[0], tip - wanted[1], left - wanted[2]].map(f64::abs)
    });
    for (which, wanted) in wanted.into_iter().enumerate() {
        let order = (errors[0][which] / errors[1][which]).log2();
        println!("{wanted:.4} mV: errors {:.2e}, {:.2e}: order {order:.2}", errors[0][which], errors[1][which]);
        assert!(errors[1][which] < 2e-3 * wanted, "{errors:?}");
        assert!((order - 2.0).abs() < 0.15, "order {order}");
    }
}
