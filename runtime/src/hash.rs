//! Hashes: of all spikes (to compare runs) and of bytes (to find damage).

use crate::philox::philox;

/// The hash of all spikes since creation.
///
/// It starts at [`SpikeHash::START`]. Each spike, in the order (step, population, neuron),
/// changes it to `h * MULTIPLIER + philox([step, step >> 32, population, neuron], KEY)` modulo
/// 2^128, with Philox's words taken as one little-endian number. The draws do not wait for one
/// another, and the order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpikeHash(pub u128);

impl SpikeHash {
    /// The hash of no spikes.
    pub const START: SpikeHash = SpikeHash(0x2464_3f6a_8885_a308_d313_198a_2e03_7073);
    /// An odd number without structure (the multiplier of the 128-bit PCG).
    pub const MULTIPLIER: u128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645;
    /// Philox's key: `bpcspike`.
    pub const KEY: [u32; 2] = [u32::from_le_bytes(*b"bpcs"), u32::from_le_bytes(*b"pike")];

    /// Takes in one spike.
    #[inline]
    pub fn add(&mut self, step: u64, population: u32, neuron: u32) {
        let [a, b, c, d] = philox([step as u32, (step >> 32) as u32, population, neuron], Self::KEY);
        let word = u128::from(a) | u128::from(b) << 32 | u128::from(c) << 64 | u128::from(d) << 96;
        self.0 = self.0.wrapping_mul(Self::MULTIPLIER).wrapping_add(word);
    }
}

/// A 64-bit hash of bytes. Any change confined to one aligned group of 8 bytes changes it.
pub fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64;
    let mut take = |word: u64| {
        hash = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 32;
    };
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        take(u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    take(u64::from_le_bytes(last));
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_content_count() {
        let hash = |spikes: &[(u64, u32, u32)]| {
            let mut hash = SpikeHash::START;
            for &(step, population, neuron) in spikes {
                hash.add(step, population, neuron);
            }
            hash
        };
        let base = hash(&[(1, 0, 2), (1, 0, 3)]);
        for other in [
            hash(&[]),
            hash(&[(1, 0, 2)]),
            hash(&[(1, 0, 3), (1, 0, 2)]),
            hash(&[(1, 0, 2), (1, 1, 3)]),
            hash(&[(1, 0, 2), (2, 0, 3)]),
            hash(&[(1, 0, 2), (1 + (1 << 32), 0, 3)]),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn checksums_notice_lengths() {
        assert_ne!(checksum(&[0]), checksum(&[0, 0]));
        assert_ne!(checksum(&[]), checksum(&[0; 8]));
    }
}
