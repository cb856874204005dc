//! The synapses of each target: the transpose of a part's rows.

use core::ops::Range;

use crate::error::Error;
use crate::memory::Buffer;

const WHAT: &str = "columns of synapses";

/// The columns of one projection and part, as [`bpc_runtime_abi::Topology`] has them.
pub struct Columns {
    /// One more than the part has targets, padding included.
    pub starts: Buffer<u32>,
    /// Where each synapse is in row order.
    pub synapses: Buffer<u32>,
    /// In which row it is.
    pub rows: Buffer<u32>,
}

impl Columns {
    /// Counts and then fills, going through the rows: so columns have the order of rows.
    /// `range` are the targets of the part; there are fewer than 2^32 rows.
    pub fn of(row_starts: &[u32], targets: &[u32], range: Range<u32>) -> Result<Columns, Error> {
        let mut columns = Columns {
            starts: Buffer::zeroed(range.len() as u64 + 1, WHAT)?,
            synapses: Buffer::zeroed(targets.len() as u64, WHAT)?,
            rows: Buffer::zeroed(targets.len() as u64, WHAT)?,
        };
        let column = |target: u32| target.wrapping_sub(range.start) as usize;
        for &target in targets {
            if let Some(count) = columns.starts.get_mut(column(target)) {
                *count += 1;
            }
        }
        let mut next = 0;
        for start in columns.starts.iter_mut() {
            let length = *start;
            *start = next;
            next += length;
        }
        for (row, border) in row_starts.windows(2).enumerate() {
            for synapse in border[0]..border[1] {
                let target = targets.get(synapse as usize);
                let Some(next) = target.and_then(|&target| columns.starts.get_mut(column(target))) else {
                    continue;
                };
                let place = *next as usize;
                *next += 1;
                if let (Some(to), Some(of)) = (columns.synapses.get_mut(place), columns.rows.get_mut(place)) {
                    (*to, *of) = (synapse, row as u32);
                }
            }
        }
        // Every start has become the next one's: move them back.
        columns.starts.rotate_right(1);
        if let Some(first) = columns.starts.first_mut() {
            *first = 0;
        }
        Ok(columns)
    }
}
