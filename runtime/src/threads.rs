//! The threads of one network: started at creation, asleep between calls, joined at the end.
//!
//! The calling thread is number 0 and works too. Waiting is spinning for a bounded time and then
//! sleeping in the kernel, so that a crowded machine loses little. With one thread nothing here
//! costs anything.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::error::Error;
use crate::memory::{Buffer, Plain, Vector};
use crate::sys;

/// How often to look before sleeping, if every thread has a processor: about 50 microseconds.
const SPINS: u32 = 1500;
/// How often to look if it has not.
const CROWDED_SPINS: u32 = 20;
/// How often to let others run before sleeping.
const YIELDS: u32 = 40;

/// Work for all threads: a closure and how to call it.
#[derive(Clone, Copy)]
struct Job {
    closure: *const c_void,
    call: Option<unsafe fn(*const c_void, u32)>,
}

/// A number that threads wait for, on a cache line of its own.
#[repr(align(64))]
struct Signal {
    value: AtomicU32,
    sleepers: AtomicU32,
}

impl Signal {
    /// Waits until the value is no longer `old`.
    fn wait_beyond(&self, old: u32, spins: u32) {
        for _ in 0..spins {
            if self.value.load(Ordering::Acquire) != old {
                return;
            }
            core::hint::spin_loop();
        }
        for _ in 0..YIELDS {
            sys::give_way();
            if self.value.load(Ordering::Acquire) != old {
                return;
            }
        }
        // The kernel compares again after `sleepers` is seen, so no wake-up is lost.
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while self.value.load(Ordering::SeqCst) == old {
            sys::sleep_while(&self.value, old);
        }
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Changes the value and wakes who waits.
    fn advance(&self) {
        self.value.fetch_add(1, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            sys::wake_all(&self.value);
        }
    }
}

/// What the threads share; all zero at first.
struct Shared {
    threads: u32,
    spins: u32,
    stop: AtomicBool,
    /// Counts jobs.
    start: Signal,
    /// Counts barriers.
    barrier: Signal,
    arrived: AtomicU32,
    job: UnsafeCell<Job>,
}

// SAFETY: numbers, and a job without function.
unsafe impl Plain for Shared {}
// SAFETY: the job is written only while all workers wait for the next one.
unsafe impl Sync for Shared {}

struct Worker {
    shared: *const Shared,
    index: u32,
    thread: usize,
}

// SAFETY: a worker is read only, and what it points to may be shared.
unsafe impl Sync for Worker {}

/// See the module.
pub struct Team {
    threads: u32,
    /// One, at a fixed address; none with one thread.
    shared: Buffer<Shared>,
    workers: Vector<Worker>,
}

impl Team {
    /// Starts `threads - 1` threads, asleep.
    pub fn new(threads: u32) -> Result<Team, Error> {
        let mut team = Team { threads, shared: Buffer::empty(), workers: Vector::new() };
        if threads <= 1 {
            return Ok(team);
        }
        team.shared = Buffer::zeroed(1, "threads")?;
        for shared in team.shared.iter_mut() {
            shared.threads = threads;
            shared.spins = if threads > sys::processors() { CROWDED_SPINS } else { SPINS };
        }
        // The workers must not move once their threads know them.
        team.workers.reserve(threads as usize, "threads")?;
        for index in 1..threads {
            let shared = team.shared.pointer();
            team.workers.push(Worker { shared, index, thread: 0 }, "threads")?;
            let Some(worker) = team.workers.last_mut() else {
                continue;
            };
            let argument: *mut Worker = worker;
            // SAFETY: the worker stays where it is until `drop` has joined the thread.
            match unsafe { sys::start_thread(work, argument.cast()) } {
                // SAFETY: just pushed; the thread reads other fields only.
                Ok(thread) => unsafe { (*argument).thread = thread },
                Err(code) => {
                    let last = team.workers.len() - 1;
                    team.workers.forget_from(last);
                    return Err(Error::Thread { index, threads, code });
                }
            }
        }
        Ok(team)
    }

    fn shared(&self) -> Option<&Shared> {
        self.shared.first()
    }

    /// Calls `job(index)` on every thread and waits until all are done.
    pub fn run<F: Fn(u32) + Sync>(&self, job: F) {
        let Some(shared) = self.shared() else {
            return job(0);
        };
        unsafe fn call<F: Fn(u32)>(closure: *const c_void, index: u32) {
            // SAFETY: `run` lent a closure of this type and waits for the end of the job.
            unsafe { (*closure.cast::<F>())(index) }
        }
        let lent: *const F = &job;
        // SAFETY: all workers wait for `start` and read the job only after it.
        unsafe { *shared.job.get() = Job { closure: lent.cast(), call: Some(call::<F>) } };
        shared.start.advance();
        job(0);
        self.barrier();
    }

    /// The same for work that can fail; the error of the first thread that has one.
    pub fn try_run<F>(&self, job: F) -> Result<(), Error>
    where
        F: Fn(u32) -> Result<(), Error> + Sync,
    {
        let mut results = Vector::new();
        for _ in 0..self.threads {
            results.push(UnsafeCell::new(Ok(())), "threads")?;
        }
        let places = Lent(results.as_ptr());
        self.run(|index| {
            let result = job(index);
            // SAFETY: every thread has a place of its own.
            unsafe { *(*places.at(index as usize)).get() = result };
        });
        results.iter_mut().try_for_each(|it| *it.get_mut())
    }

    /// Waits until every thread has come here. To be called by all, inside a job.
    #[inline]
    pub fn barrier(&self) {
        if let Some(shared) = self.shared() {
            shared.meet();
        }
    }
}

impl Shared {
    fn meet(&self) {
        let round = self.barrier.value.load(Ordering::Relaxed);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.barrier.advance();
        } else {
            self.barrier.wait_beyond(round, self.spins);
        }
    }
}

extern "C" fn work(argument: *mut c_void) -> *mut c_void {
    // SAFETY: `Team::new` passes a worker that lives until the thread was joined; its fields
    // read here were written before the thread began.
    let (shared, index) = unsafe {
        let worker = argument.cast::<Worker>();
        (&*(*worker).shared, (*worker).index)
    };
    let mut jobs = 0;
    loop {
        shared.start.wait_beyond(jobs, shared.spins);
        jobs = jobs.wrapping_add(1);
        if shared.stop.load(Ordering::Acquire) {
            return core::ptr::null_mut();
        }
        // SAFETY: written before `start` advanced, and not again before the barrier below.
        let job = unsafe { *shared.job.get() };
        if let Some(call) = job.call {
            // SAFETY: `run` keeps the closure alive until the barrier below.
            unsafe { call(job.closure, index) };
        }
        shared.meet();
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        if let Some(shared) = self.shared() {
            shared.stop.store(true, Ordering::Release);
            shared.start.advance();
            for worker in self.workers.iter() {
                // SAFETY: every worker in the list has a thread, joined only here.
                unsafe { sys::join_thread(worker.thread) };
            }
        }
    }
}

/// A pointer that a job may use on all threads.
pub struct Lent<T>(*const T);

// SAFETY: who uses the pointer says why that is right.
unsafe impl<T> Send for Lent<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Lent<T> {}

impl<T> Lent<T> {
    /// Lends an array.
    pub fn new(array: *const T) -> Self {
        Lent(array)
    }

    /// The address of an element.
    pub fn at(&self, index: usize) -> *const T {
        self.0.wrapping_add(index)
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::AtomicU64;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn barriers_keep_all_threads_in_step() {
        for threads in [1, 2, 3, 8] {
            let team = Team::new(threads).unwrap();
            let counters: Vec<AtomicU64> = (0..threads).map(|_| AtomicU64::new(0)).collect();
            for _ in 0..20 {
                team.run(|index| {
                    for _ in 0..200 {
                        let own = counters[index as usize].fetch_add(1, Ordering::Relaxed) + 1;
                        team.barrier();
                        for counter in &counters {
                            let other = counter.load(Ordering::Relaxed);
                            assert!(other == own || other == own + 1);
                        }
                        team.barrier();
                    }
                });
            }
            assert!(counters.iter().all(|it| it.load(Ordering::Relaxed) == 4000));
        }
    }

    #[test]
    fn errors_come_from_the_first_thread() {
        let team = Team::new(4).unwrap();
        let result = team.try_run(|index| match index {
            0 | 3 => Ok(()),
            1 => Err(Error::Argument("one")),
            _ => Err(Error::Argument("two")),
        });
        assert_eq!(result, Err(Error::Argument("one")));
        assert_eq!(team.try_run(|_| Ok(())), Ok(()));
    }

    #[test]
    fn teams_come_and_go() {
        for round in 0..50 {
            let team = Team::new(1 + round % 5).unwrap();
            if round % 2 == 0 {
                team.run(|_| {});
            }
        }
    }
}
