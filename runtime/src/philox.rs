//! Philox 4x32-10 (Salmon et al. 2011): random numbers that are addressed, not drawn in sequence.

const MULTIPLIER_0: u64 = 0xD251_1F53;
const MULTIPLIER_1: u64 = 0xCD9E_8D57;
const WEYL_0: u32 = 0x9E37_79B9;
const WEYL_1: u32 = 0xBB67_AE85;
const WORD: u64 = 0xffff_ffff;

/// The key that a seed names.
pub const fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// The four random words at a counter.
#[inline]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    philox_lanes(counter.map(|word| [word.into()]), key).map(|[word]| word as u32)
}

/// The same for `N` counters at once. Words are in lanes of 64 bits, which the compiler can turn
/// into vector multiplications.
#[inline]
pub fn philox_lanes<const N: usize>(counter: [[u64; N]; 4], key: [u32; 2]) -> [[u64; N]; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut key_0, mut key_1] = key;
    for _ in 0..10 {
        for lane in 0..N {
            let first = (a[lane] & WORD) * MULTIPLIER_0;
            let second = (c[lane] & WORD) * MULTIPLIER_1;
            a[lane] = (second >> 32) ^ b[lane] ^ u64::from(key_0);
            b[lane] = second & WORD;
            c[lane] = (first >> 32) ^ d[lane] ^ u64::from(key_1);
            d[lane] = first & WORD;
        }
        key_0 = key_0.wrapping_add(WEYL_0);
        key_1 = key_1.wrapping_add(WEYL_1);
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let ones = u32::MAX;
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox([ones; 4], [ones; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], key(0x299f31d0_a4093822)),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    #[test]
    fn lanes_agree_with_one() {
        let lanes = core::array::from_fn(|lane| lane as u64 * 77);
        let many = philox_lanes([lanes, [5; 8], [6; 8], [7; 8]], [1, 2]);
        for lane in 0..8 {
            assert_eq!(philox([lanes[lane] as u32, 5, 6, 7], [1, 2]), many.map(|word| word[lane] as u32));
        }
    }
}
