//! Everything that is asked of the operating system: memory, threads, sleeping, a few figures.

use core::ffi::{c_char, c_int, c_long, c_void};
use core::sync::atomic::AtomicU32;

unsafe extern "C" {
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn realloc(memory: *mut c_void, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    #[cfg(bpc_embedded)]
    fn abort() -> !;
    fn pthread_create(
        thread: *mut usize,
        attributes: *const c_void,
        start: extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> c_int;
    fn pthread_join(thread: usize, result: *mut *mut c_void) -> c_int;
    fn sched_yield() -> c_int;
    fn sched_getaffinity(process: c_int, size: usize, mask: *mut u64) -> c_int;
    fn syscall(number: c_long, ...) -> c_long;
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn read(file: c_int, buffer: *mut c_void, size: usize) -> isize;
    fn close(file: c_int) -> c_int;
    fn sqrt(value: f64) -> f64;
}

#[cfg(target_arch = "x86_64")]
const SYS_FUTEX: c_long = 202;
#[cfg(not(target_arch = "x86_64"))]
const SYS_FUTEX: c_long = 98;
const FUTEX_WAIT_PRIVATE: c_int = 128;
const FUTEX_WAKE_PRIVATE: c_int = 129;

/// The square root, correctly rounded.
pub fn square_root(value: f64) -> f64 {
    // SAFETY: a function of a number.
    unsafe { sqrt(value) }
}

/// Zeroed memory, aligned to 16 bytes, or null. Large blocks take no pages until written.
pub fn allocate_zeroed(bytes: usize) -> *mut u8 {
    // SAFETY: any size is allowed; null means failure.
    unsafe { calloc(bytes, 1).cast() }
}

/// Another size for memory from [`allocate_zeroed`] or this function (null: new), or null.
///
/// # Safety
/// `memory` is null or came from here and was not freed.
pub unsafe fn reallocate(memory: *mut u8, bytes: usize) -> *mut u8 {
    // SAFETY: by this function's own contract.
    unsafe { realloc(memory.cast(), bytes).cast() }
}

/// Gives memory back.
///
/// # Safety
/// `memory` is null or came from here, was not freed, and is not used again.
pub unsafe fn release(memory: *mut u8) {
    // SAFETY: by this function's own contract.
    unsafe { free(memory.cast()) }
}

/// Ends the process.
#[cfg(bpc_embedded)]
pub fn stop() -> ! {
    // SAFETY: abort takes nothing and never returns.
    unsafe { abort() }
}

/// Starts a thread; its identity or the error number.
///
/// # Safety
/// `argument` is what `start` expects, and lives until the thread was joined.
pub unsafe fn start_thread(
    start: extern "C" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> Result<usize, i32> {
    let mut thread = 0;
    // SAFETY: `thread` is writable, null attributes are the defaults, the rest is the caller's.
    match unsafe { pthread_create(&mut thread, core::ptr::null(), start, argument) } {
        0 => Ok(thread),
        code => Err(code),
    }
}

/// Waits for a thread's end.
///
/// # Safety
/// `thread` came from [`start_thread`] and was not joined yet.
pub unsafe fn join_thread(thread: usize) {
    // SAFETY: by this function's own contract; the result is not wanted.
    unsafe { pthread_join(thread, core::ptr::null_mut()) };
}

/// Sleeps until woken, if `word` still is `value`. May return early.
pub fn sleep_while(word: &AtomicU32, value: u32) {
    let no_timeout = core::ptr::null::<c_void>();
    // SAFETY: the word is alive; the kernel only reads it.
    unsafe { syscall(SYS_FUTEX, word.as_ptr(), FUTEX_WAIT_PRIVATE, value, no_timeout) };
}

/// Wakes all that sleep on `word`.
pub fn wake_all(word: &AtomicU32) {
    // SAFETY: the word's address is only a name to the kernel.
    unsafe { syscall(SYS_FUTEX, word.as_ptr(), FUTEX_WAKE_PRIVATE, c_int::MAX) };
}

/// Lets another thread run.
pub fn give_way() {
    // SAFETY: takes nothing, changes nothing.
    unsafe { sched_yield() };
}

/// How many processors this process may use.
pub fn processors() -> u32 {
    let mut mask = [0u64; 128];
    // SAFETY: the mask is as large as said.
    let result = unsafe { sched_getaffinity(0, size_of_val(&mask), mask.as_mut_ptr()) };
    if result < 0 {
        return 1;
    }
    mask.iter().map(|word| word.count_ones()).sum::<u32>().max(1)
}

/// Bytes of memory that can still be had: what the machine has available, or what the process's
/// control group leaves, whichever is less. `None` if neither is known.
pub fn available_memory() -> Option<u64> {
    let mut buffer = [0; 4096];
    let machine = contents(c"/proc/meminfo", &mut buffer)
        .and_then(|text| number_after(text, b"MemAvailable:"))
        .map(|kibibytes| kibibytes.saturating_mul(1024));
    let limit = contents(c"/sys/fs/cgroup/memory.max", &mut buffer).and_then(|text| number_after(text, b""));
    let used = contents(c"/sys/fs/cgroup/memory.current", &mut buffer).and_then(|text| number_after(text, b""));
    let group = match (limit, used) {
        (Some(limit), Some(used)) => Some(limit.saturating_sub(used)),
        _ => None,
    };
    match (machine, group) {
        (Some(machine), Some(group)) => Some(machine.min(group)),
        (machine, group) => machine.or(group),
    }
}

fn contents<'a>(path: &core::ffi::CStr, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    // SAFETY: the path ends in a zero; flags 0 is read only.
    let file = unsafe { open(path.as_ptr(), 0) };
    if file < 0 {
        return None;
    }
    // SAFETY: the file is open and the buffer as large as said.
    let length = unsafe { read(file, buffer.as_mut_ptr().cast(), buffer.len()) };
    // SAFETY: the file is open and not used again.
    unsafe { close(file) };
    buffer.get(..usize::try_from(length).ok()?)
}

fn number_after(text: &[u8], name: &[u8]) -> Option<u64> {
    let start = text.windows(name.len().max(1)).position(|it| it.starts_with(name))?;
    let mut value = None;
    for &byte in text.get(start + name.len()..)? {
        match byte {
            b'0'..=b'9' => {
                let digit = u64::from(byte - b'0');
                value = Some(value.unwrap_or(0u64).saturating_mul(10).saturating_add(digit));
            }
            b' ' if value.is_none() => {}
            _ => break,
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found() {
        let text = b"MemTotal:  100 kB\nMemAvailable:   2345 kB\n";
        assert_eq!(number_after(text, b"MemAvailable:"), Some(2345));
        assert_eq!(number_after(b"max\n", b""), None);
        assert_eq!(number_after(b"123\n", b""), Some(123));
        assert_eq!(number_after(b"", b"MemAvailable:"), None);
    }

    #[test]
    fn the_machine_has_memory_and_processors() {
        assert!(available_memory().unwrap() > 1 << 20);
        assert!(processors() >= 1);
    }
}
