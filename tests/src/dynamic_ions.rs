//! Sodium and potassium of `std::ions` whose concentrations change: under constant currents, against closed forms; in an axon
//! that fires, against the same equations written out here.

use crate::spike_trains::Run;
use crate::support::validating;

/// Charges of a mole (C/mol), and the gas constant (J/K/mol).
const F: f64 = 96485.33212;
const R: f64 = 8.314462618;

/// mM/ms, of 1 uA/cm^2 into a layer of a depth in um.
fn filling(depth: f64) -> f64 {
    10.0 / (F * depth)
}

/// In mV, of an ion of one charge.
fn nernst(kelvin: f64, outside: f64, inside: f64) -> f64 {
    1000.0 * R * kelvin / F * (outside / inside).ln()
}

#[track_caller]
fn close(what: &str, found: &[f64], wanted: &[f64], most: f64) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    let error =
        found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, |a, b| if b.is_nan() || b > a { b } else { a });
    println!("{what}: off by {error:.2e}");
    assert!(error <= most, "{what}: off by {error:e}");
    let (low, high) =
        wanted.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (f64::min(low, *x), f64::max(high, *x)));
    assert!(high - low > 1e3 * most, "{what}: nothing happens");
}

/// Three currents of 1, 0.5 and -0.2 uA/cm^2 flow in through a channel, from outside and through channels that name no ion.
#[test]
fn concentrations_follow_constant_currents() {
    let source = "use std::ions::{SodiumInside, PotassiumOutside}
channel Carrier { param J = 1 uA/cm^2  ion X {}  output X.I = J }
channel Other { param J = -0.2 uA/cm^2  membrane V : mV  output I = J }
cell Patch {
    membrane V : mV = -65 mV { capacitance = 1 F/cm^2 }
    let other = O.I
    ion Na : SodiumInside { d = 0.25 um, tau = 30 ms, c_rest = 10 mM, c_out = 140 mM, T = 300 K, I_channels = other }
    ion K : PotassiumOutside { theta = 25 nm, tau = 20 ms, c_bath = 5 mM, c = 130 mM, T = 290 K, I_channels = other }
    channel A : Carrier { X = Na }
    channel B : Carrier { X = K, J = -0.7 uA/cm^2 }
    channel O : Other
}
cell Standard { membrane V : mV = -65 mV { capacitance = 1 F/cm^2 }  ion Na : SodiumInside { tau = 10 s }  ion K : PotassiumOutside }
network Net {
    population P : Patch
    population S : Standard
    drive P.Na.I = 0.5 uA/cm^2
    drive P.K.I = 0.2 uA/cm^2
}
simulate Net { dt 0.1 ms  duration 100 ms  seed 1  record P.Na.c, P.Na.E, P.K.c_out, P.K.E, S.Na.E, S.K.E }
";
    let run = Run::of(source, 0.1, &[]);
    let along = |rest: f64, slope: f64, tau: f64| -> Vec<f64> {
        (1..=1000).map(|step| rest - slope * tau * (-0.1 * f64::from(step) / tau).exp_m1()).collect()
    };
    let sodium = along(10.0, 1.3 * filling(0.25), 30.0);
    close("sodium", &run.values("P.Na.c"), &sodium, 1e-11);
    let reversal: Vec<f64> = sodium.iter().map(|c| nernst(300.0, 140.0, *c)).collect();
    close("E of sodium", &run.values("P.Na.E"), &reversal, 1e-11);
    let potassium = along(5.0, 0.7 * filling(0.025), 20.0);
    close("potassium", &run.values("P.K.c_out"), &potassium, 1e-11);
    let reversal: Vec<f64> = potassium.iter().map(|c| nernst(290.0, *c, 130.0)).collect();
    close("E of potassium", &run.values("P.K.E"), &reversal, 1e-11);
    // At rest nothing moves.
    for (state, wanted) in [("S.Na.E", nernst(309.15, 145.0, 12.0)), ("S.K.E", nernst(309.15, 4.0, 140.0))] {
        assert!(run.values(state).iter().all(|e| (e - wanted).abs() < 1e-11), "{state}: not {wanted}");
    }
}

/// The axon of Hodgkin & Huxley (1952), at a temperature factor of its rates, with both ions: V, m, h, n, and the concentrations.
struct Axon {
    phi: f64,
    kelvin: f64,
    depth: f64,
    tau_na: f64,
    space: f64,
    tau_k: f64,
}

type State = [f64; 6];

const NA_REST: f64 = 55.0;
const NA_OUT: f64 = 440.0;
const K_BATH: f64 = 10.0;
const K_IN: f64 = 220.0;

/// x / (exp(x) - 1)
fn falling(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x / x.exp_m1() }
}

/// Opening and closing rates of m, h and n, per ms.
fn rates(v: f64) -> [(f64, f64); 3] {
    [
        (falling(-(v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp()),
        (0.07 * (-(v + 65.0) / 20.0).exp(), 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp())),
        (0.1 * falling(-(v + 55.0) / 10.0), 0.125 * (-(v + 65.0) / 80.0).exp()),
    ]
}

impl Axon {
    fn reversals(&self, x: &State) -> (f64, f64) {
        (nernst(self.kelvin, NA_OUT, x[4]), nernst(self.kelvin, x[5], K_IN))
    }

    fn slope(&self, x: &State, current: f64) -> State {
        let [v, m, h, n, na, k] = *x;
        let (e_na, e_k) = self.reversals(x);
        let sodium = 120.0 * m * m * m * h * (e_na - v);
        let potassium = 36.0 * n * n * n * n * (e_k - v);
        let gate = |x: f64, (alpha, beta): (f64, f64)| self.phi * (alpha * (1.0 - x) - beta * x);
        let rates = rates(v);
        [
            sodium + potassium + 0.3 * (-54.387 - v) + current,
            gate(m, rates[0]),
            gate(h, rates[1]),
            gate(n, rates[2]),
            sodium * filling(self.depth) + (NA_REST - na) / self.tau_na,
            -potassium * filling(self.space) - (k - K_BATH) / self.tau_k,
        ]
    }

    fn start() -> State {
        let [m, h, n] = rates(-65.0).map(|(alpha, beta)| alpha / (alpha + beta));
        [-65.0, m, h, n, NA_REST, K_BATH]
    }

    /// A classical Runge-Kutta step, in which the current is constant.
    fn step(&self, x: &State, dt: f64, current: f64) -> State {
        let at = |k: &State, h: f64| -> State { std::array::from_fn(|i| x[i] + h * k[i]) };
        let a = self.slope(x, current);
        let b = self.slope(&at(&a, dt / 2.0), current);
        let c = self.slope(&at(&b, dt / 2.0), current);
        let d = self.slope(&at(&c, dt), current);
        std::array::from_fn(|i| x[i] + dt / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]))
    }

    /// The same as a network.
    fn network(&self, current: &str, duration: f64) -> String {
        let Axon { phi, kelvin, depth, tau_na, space, tau_k } = self;
        format!(
            "use std::channels::{{INa_HH1952, IK_HH1952, IL}}
use std::ions::{{SodiumInside, PotassiumOutside}}
cell Axon {{
    input I : uA/cm^2
    membrane V : mV = -65 mV {{ capacitance = 1 uF/cm^2 }}
    let I_Na = Fast.I
    let I_K = Slow.I
    ion Na : SodiumInside {{
        d = {depth:?} um, tau = {tau_na:?} ms, c_rest = {NA_REST:?} mM, c_out = {NA_OUT:?} mM, T = {kelvin:?} K,
        I_channels = I_Na
    }}
    ion K : PotassiumOutside {{
        theta = {space:?} um, tau = {tau_k:?} ms, c_bath = {K_BATH:?} mM, c = {K_IN:?} mM, T = {kelvin:?} K,
        I_channels = I_K
    }}
    channel Fast : INa_HH1952 {{ E = Na.E, phi = {phi:?} }}
    channel Slow : IK_HH1952 {{ E = K.E, phi = {phi:?} }}
    channel L : IL {{ g_max = 0.3 mS/cm^2, E = -54.387 mV }}
}}
network Net {{ population A : Axon method rk4  drive A.I = {current} }}
simulate Net {{ dt 0.01 ms  duration {duration:?} ms  seed 1  record A.V, A.Na.c, A.Na.E, A.K.c_out, A.K.E }}
"
        )
    }
}

/// The same steps of the same method, so that only rounding differs; spikes change both concentrations.
#[test]
fn an_axon_fires_into_both_ions_as_its_equations_do() {
    let axon = Axon { phi: 1.0, kelvin: 279.45, depth: 0.2, tau_na: 40.0, space: 0.06, tau_k: 30.0 };
    let run = Run::of(&axon.network("12 uA/cm^2", 100.0), 0.01, &[]);
    let mut state = Axon::start();
    let mut wanted: [Vec<f64>; 5] = Default::default();
    for _ in 0..10_000 {
        state = axon.step(&state, 0.01, 12.0);
        let (e_na, e_k) = axon.reversals(&state);
        for (list, value) in wanted.iter_mut().zip([state[0], state[4], e_na, state[5], e_k]) {
            list.push(value);
        }
    }
    let spikes = wanted[0].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    let moved = (state[4] - NA_REST, state[5] - K_BATH);
    assert!(spikes > 4 && moved.0 > 1.0 && moved.1 > 1.0, "{spikes} spikes, {moved:?} mM");
    for (name, wanted) in ["A.V", "A.Na.c", "A.Na.E", "A.K.c_out", "A.K.E"].into_iter().zip(&wanted) {
        close(name, &run.values(name), wanted, 1e-8);
    }
}

/// Frankenhaeuser & Hodgkin (1956): an impulse of the giant axon, near 18 degrees Celsius, raises potassium in the space
/// by about 1.6 mM, which goes with a time constant of some 50 ms.
#[test]
fn an_impulse_leaves_as_much_potassium_as_in_the_squid() {
    let axon = Axon { phi: 3.8, kelvin: 291.65, depth: 100.0, tau_na: 1e6, space: 0.03, tau_k: 50.0 };
    let current = "if t >= 200 ms and t < 201 ms then 30 uA/cm^2 else 0 uA/cm^2";
    let run = Run::of(&axon.network(current, 300.0), 0.01, &[]);
    let (v, c) = (run.values("A.V"), run.values("A.K.c_out"));
    let spikes = v.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    let before = c[19_999];
    let top = c.iter().copied().fold(0.0, f64::max) - before;
    let later = c[29_999] - before;
    println!("{spikes} spike, {top:.2} mM, of which {later:.2} mM are left at the end");
    assert!(spikes == 1 && (1.2..2.0).contains(&top), "{spikes} spikes, {top} mM");
    assert!((0.1..0.25).contains(&(later / top)), "{later} mM of {top} mM are left after two time constants");
}

/// The neuron of E. Barreto & J. R. Cressman (2011), J. Biol. Phys. 37:361-373: V, h, n, sodium inside, potassium outside. Times
/// in ms; currents of channels are counted outwards here, as in the paper.
mod pumped {
    use super::*;

    const FILE: &str = "stdlib/demos/ions/SodiumPump.bp";
    const KELVIN: f64 = 309.15;
    /// Volume inside over the area of the membrane, in um.
    const DEPTH: f64 = 7.0 / 3.0;
    const BETA: f64 = 7.0;

    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    fn rates(v: f64) -> [(f64, f64); 3] {
        [
            (falling(-(v + 30.0) / 10.0), 4.0 * (-(v + 55.0) / 18.0).exp()),
            (0.07 * (-(v + 44.0) / 20.0).exp(), sigmoid((v + 14.0) / 10.0)),
            (0.1 * falling(-(v + 34.0) / 10.0), 0.125 * (-(v + 44.0) / 80.0).exp()),
        ]
    }

    fn slope([v, h, n, na, k]: [f64; 5], bath: f64) -> [f64; 5] {
        let [m, of_h, of_n] = rates(v);
        let m = m.0 / (m.0 + m.1);
        let gate = |x: f64, (alpha, beta): (f64, f64)| 3.0 * (alpha * (1.0 - x) - beta * x);
        let e_na = nernst(KELVIN, 144.0 - BETA * (na - 18.0), na);
        let e_k = nernst(KELVIN, k, 140.0 + (18.0 - na));
        let sodium = (100.0 * m * m * m * h + 0.0175) * (v - e_na);
        let potassium = (40.0 * n * n * n * n + 0.05) * (v - e_k);
        // mM/s
        let pump = 1.25 * sigmoid((na - 25.0) / 3.0) * sigmoid(k - 5.5);
        let glia = 66.666 * sigmoid((k - 18.0) / 2.5);
        let diffusion = 1.333 * (k - bath);
        [
            -sodium - potassium - 0.05 * (v + 81.9),
            gate(h, of_h),
            gate(n, of_n),
            -sodium * filling(DEPTH) - 3e-3 * pump,
            BETA * potassium * filling(DEPTH) - 1e-3 * (2.0 * BETA * pump + glia + diffusion),
        ]
    }

    fn step(x: [f64; 5], dt: f64, bath: f64) -> [f64; 5] {
        let at = |k: [f64; 5], h: f64| -> [f64; 5] { std::array::from_fn(|i| x[i] + h * k[i]) };
        let a = slope(x, bath);
        let b = slope(at(a, dt / 2.0), bath);
        let c = slope(at(b, dt / 2.0), bath);
        let d = slope(at(c, dt), bath);
        std::array::from_fn(|i| x[i] + dt / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]))
    }

    fn start() -> [f64; 5] {
        let [_, h, n] = rates(-67.0).map(|(alpha, beta)| alpha / (alpha + beta));
        [-67.0, h, n, 18.0, 8.0]
    }

    /// The demonstration's neuron, by another method and for another time.
    fn network(method: &str, bath: &str, settings: &str) -> String {
        let text = std::fs::read_to_string(crate::support::root().join(FILE)).expect("the demonstration is there");
        let (model, _) = text.split_once("network Demonstration").expect("it has a network");
        assert!(["SodiumPump", "PotassiumGlia", "c_bath = 8 mM"].iter().all(|it| model.contains(it)), "{model}");
        let model = model.replace("c_bath = 8 mM", &format!("c_bath = {bath}"));
        format!("{model}\nnetwork Net {{ population A : Neuron {method} }}\nsimulate Net {{ {settings} }}\n")
    }

    /// The same steps of the same method, so that only rounding differs.
    #[test]
    fn sodium_and_potassium_follow_their_equations() {
        let dt = 0.02;
        let records = "dt 0.02 ms  duration 1 s  record A.V, A.Na.c, A.K.c_out";
        let run = Run::of(&network("method rk4", "8 mM", records), dt, &[]);
        let mut x = start();
        let mut wanted: [Vec<f64>; 3] = Default::default();
        for _ in 0..50_000 {
            x = step(x, dt, 8.0);
            wanted.iter_mut().zip([x[0], x[3], x[4]]).for_each(|(list, value)| list.push(value));
        }
        let spikes = wanted[0].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(spikes > 5, "{spikes} spikes");
        for (name, wanted) in ["A.V", "A.Na.c", "A.K.c_out"].into_iter().zip(&wanted) {
            close(name, &run.values(name), wanted, 1e-6);
        }
    }

    /// With 4 mM in the bath the neuron rests; with 8 mM it bursts and is silent in turns, over some half minute.
    #[test]
    fn a_bath_of_potassium_decides_between_rest_and_bursts() {
        let run = |bath: &str, duration: &str| {
            let records = format!("dt 0.05 ms  duration {duration}  record A.V, A.K.c_out every 0.5 ms");
            Run::of(&network("", bath, &records), 0.05, &[])
        };
        let spikes = |v: &[f64]| -> Vec<f64> {
            (1..v.len()).filter(|&k| v[k - 1] < -20.0 && v[k] >= -20.0).map(|k| k as f64 * 5e-4).collect()
        };
        // From 8 mM at the start it comes down to its rest.
        let rest = run("4 mM", "10 s");
        let late = spikes(&rest.values("A.V")).into_iter().filter(|t| *t > 5.0).count();
        let potassium = *rest.values("A.K.c_out").last().expect("samples");
        assert!(late == 0 && (3.8..4.1).contains(&potassium), "{late} spikes, {potassium} mM");
        if !validating("spikes in a bath of 8 mM of potassium over 80 s") {
            return;
        }
        let times = spikes(&run("8 mM", "80 s").values("A.V"));
        let silences: Vec<(f64, f64)> = times.windows(2).map(|p| (p[0], p[1] - p[0])).filter(|s| s.1 > 5.0).collect();
        println!("{} spikes, silent from and for {silences:?} s", times.len());
        assert!(silences.len() >= 2, "{silences:?}");
        let periods: Vec<f64> = silences.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert!(periods.iter().all(|period| (15.0..45.0).contains(period)), "{periods:?}");
    }
}
