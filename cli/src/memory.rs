//! How much memory there is, how much was used, and the refusal of what cannot fit.

use crate::console::{bytes, grouped};
use crate::failure::Failure;
use bpc_core::MemoryEstimate;

/// Bytes that can still be allocated without swapping: of the machine, or of the container if
/// that is less. `None` if the system does not tell.
pub fn available() -> Option<f64> {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok()?;
    let machine = kib_field(&meminfo, "MemAvailable:")?;
    let read = |file: &str| std::fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?.trim().parse::<f64>().ok();
    Some(match (read("memory.max"), read("memory.current")) {
        (Some(limit), Some(used)) => machine.min((limit - used).max(0.0)),
        _ => machine,
    })
}

/// The most memory that this process has used, in MiB.
pub fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mib = kib_field(&status, "VmHWM:").unwrap_or(0.0) / (1024.0 * 1024.0);
    (mib * 10.0).round() / 10.0
}

/// The field of a `/proc` file that counts KiB, in bytes.
fn kib_field(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}

/// Refuses a network that does not fit, before anything of it is allocated.
///
/// # Errors
/// With the figures and what to do.
pub fn check(estimate: &MemoryEstimate, neurons: u64) -> Result<(), Failure> {
    match available() {
        Some(available) if estimate.total() > available => Err(Failure::run(refusal(estimate, neurons, available))),
        _ => Ok(()),
    }
}

fn refusal(estimate: &MemoryEstimate, neurons: u64, available: f64) -> String {
    let synapses = if estimate.synapses < 1e15 {
        grouped(estimate.synapses.round() as u64)
    } else {
        format!("{:.2e}", estimate.synapses)
    };
    format!(
        "this network does not fit into memory\n  \
         needs      {}\n  \
         available  {}\n    \
         connections   {} for {synapses} synapses\n    \
         states        {} for {} neurons\n    \
         spike rings   {}\n  \
         help: make it smaller (such as `--set n=…`), connect fewer neurons, use one weight and one\n  \
         delay for all synapses, or run it on a machine with more memory",
        bytes(estimate.total()),
        bytes(available),
        bytes(estimate.synapse_bytes),
        bytes(estimate.state_bytes as f64),
        grouped(neurons),
        bytes(estimate.ring_bytes as f64),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_fit_is_refused_with_figures() {
        let estimate = MemoryEstimate { state_bytes: 8 << 30, synapses: 3.2e11, synapse_bytes: 1.28e12, ring_bytes: 0 };
        let failure = check(&estimate, 4_000_000_000).expect_err("a terabyte");
        for part in ["320,000,000,000 synapses", "1.2 TiB", "8.0 GiB", "available"] {
            assert!(failure.message.contains(part), "{part} in {}", failure.message);
        }
        assert!(check(&MemoryEstimate::default(), 1).is_ok());
    }

    #[test]
    fn this_process_uses_memory() {
        assert!(peak_rss_mb() > 0.5);
    }
}
