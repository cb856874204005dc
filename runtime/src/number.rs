//! Numbers as the bytes of an array.

use bpc_runtime_abi::descriptor::Element;

/// The element of a network whose real numbers have 4 or 8 bytes.
pub fn real(bytes: u32) -> Element {
    if bytes == 4 { Element::F32 } else { Element::F64 }
}

/// One element; NaN if there is none at this index.
pub fn read(element: Element, bytes: &[u8], index: u64) -> f64 {
    let start = index.saturating_mul(element.bytes());
    let bytes = usize::try_from(start).ok().and_then(|start| bytes.get(start..)).unwrap_or(&[]);
    let value = match element {
        Element::F32 => bytes.first_chunk().map(|it| f32::from_ne_bytes(*it).into()),
        Element::F64 => bytes.first_chunk().map(|it| f64::from_ne_bytes(*it)),
        Element::I32 => bytes.first_chunk().map(|it| i32::from_ne_bytes(*it).into()),
    };
    value.unwrap_or(f64::NAN)
}

/// Writes real numbers one after the other, each into `width` bytes (4 or 8), as far as there is room.
pub fn write_reals(places: &mut [u8], width: usize, values: impl Iterator<Item = f64>) {
    for (place, value) in places.chunks_exact_mut(width).zip(values) {
        if width == 4 {
            place.copy_from_slice(&(value as f32).to_ne_bytes());
        } else {
            place.copy_from_slice(&value.to_ne_bytes());
        }
    }
}

/// Whether a number stays finite when written into `width` bytes.
pub fn fits(value: f64, width: usize) -> bool {
    value.is_finite() && (width != 4 || (value as f32).is_finite())
}

/// The first element that is not finite.
pub fn first_not_finite(element: Element, bytes: &[u8]) -> Option<usize> {
    match element {
        Element::F32 => {
            let (words, _) = bytes.as_chunks();
            first(words, |it| u32::from_ne_bytes(it) & 0x7f80_0000 == 0x7f80_0000)
        }
        Element::F64 => {
            let (words, _) = bytes.as_chunks();
            let exponent = 0x7ff0_0000_0000_0000;
            first(words, |it| u64::from_ne_bytes(it) & exponent == exponent)
        }
        Element::I32 => None,
    }
}

/// The first element that is bad; goods are passed by the block, without branches.
fn first<const N: usize>(words: &[[u8; N]], bad: impl Fn([u8; N]) -> bool) -> Option<usize> {
    let mut before = 0;
    for block in words.chunks(256) {
        if block.iter().fold(false, |any, it| any | bad(*it)) {
            return block.iter().position(|it| bad(*it)).map(|place| before + place);
        }
        before += block.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (width, tolerance) in [(4, 1e-7), (8, 0.0)] {
            let mut bytes = [0; 24];
            write_reals(&mut bytes, width, [0.1, -2.5e30, 3.0].into_iter());
            let element = real(width as u32);
            for (index, value) in (0..).zip([0.1, -2.5e30, 3.0]) {
                assert!((read(element, &bytes, index) / value - 1.0).abs() <= tolerance);
            }
            assert!(read(element, &bytes, 24).is_nan() && read(element, &bytes, u64::MAX).is_nan());
        }
        assert!(fits(1e300, 8) && !fits(1e300, 4) && fits(1e38, 4) && !fits(f64::NAN, 8));
    }

    #[test]
    fn the_first_bad_number_is_found() {
        for width in [4, 8] {
            let mut bytes = std::vec![0; 1000 * width];
            write_reals(&mut bytes, width, (0..1000).map(f64::from));
            assert_eq!(first_not_finite(real(width as u32), &bytes), None);
            for place in [999, 700, 255, 0] {
                let bad = if place == 700 { f64::INFINITY } else { f64::NAN };
                write_reals(&mut bytes[place * width..(place + 1) * width], width, core::iter::once(bad));
                assert_eq!(first_not_finite(real(width as u32), &bytes), Some(place));
            }
        }
    }
}
