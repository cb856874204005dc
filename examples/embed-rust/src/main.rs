//! The network of `../coba_lif.bp` inside a Rust program: steps it, changes a parameter while it
//! runs, injects spikes, and reads rates and states.
//!
//! usage: embed-rust [seed [milliseconds]]

mod network;

use network::{Network, Population};

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments.next().map_or(Ok(42), |text| text.parse()).map_err(|_| "the seed must be a whole number")?;
    let milliseconds =
        arguments.next().map_or(Ok(1000.0), |text| text.parse()).map_err(|_| "the time must be a number")?;

    let mut net = Network::new(seed, 1)?;
    let excitatory = net.population("E")?;
    let inhibitory = net.population("I")?;
    // Only counts are wanted here.
    net.keep_spikes(excitatory, false)?;
    net.keep_spikes(inhibitory, false)?;

    // The same bits as `bpc run` with this seed, duration and precision.
    let rate = run(&mut net, excitatory, milliseconds)?;
    println!("{:6.0} ms  rate of E {rate:.2} Hz", net.time());
    println!("spike_hash {}", net.spike_hash());

    // A parameter may change between any two steps.
    let tau = net.parameter("E.tau")?;
    net.set_parameter("E.tau", 2.0 * tau)?;
    println!("E.tau from {tau} ms to {} ms", net.parameter("E.tau")?);
    let rate = run(&mut net, excitatory, milliseconds)?;
    println!("{:6.0} ms  rate of E {rate:.2} Hz", net.time());

    // What cannot be is refused, with a reason, and changes nothing.
    if let Err(reason) = net.set_parameter("E.tau", 0.0) {
        println!("refused: {reason}");
    }

    // A volley from outside: these neurons' targets receive it after the usual delay.
    let volley: Vec<u32> = (0..100).collect();
    let quiet = mean(net.state("E.V")?);
    net.inject_spikes(excitatory, &volley)?;
    net.step(20)?;
    let excited = mean(net.state("E.V")?);
    println!("mean E.V from {quiet:.3} mV to {excited:.3} mV within 20 steps of the volley");
    Ok(())
}

/// Runs for some time; the population's rate during it in Hz.
fn run(net: &mut Network, population: Population, milliseconds: f64) -> Result<f64, String> {
    let before = net.spike_count(population);
    net.run(milliseconds)?;
    let spikes = (net.spike_count(population) - before) as f64;
    Ok(spikes / net.size(population) as f64 / (milliseconds / 1000.0))
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
}
