//! Ctrl-C: the first asks the run to stop after the chunk of steps it is in, the second ends it.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

extern "C" fn on_signal(_signal: libc::c_int) {
    if ASKED.swap(true, Ordering::Relaxed) {
        // SAFETY: `_exit` may be called in a signal handler; it runs no code of ours.
        unsafe { libc::_exit(130) }
    }
}

/// Takes over Ctrl-C for as long as it lives.
pub struct Guard {
    before: libc::sighandler_t,
}

impl Guard {
    /// From now on Ctrl-C only sets what [`asked`] tells.
    pub fn install() -> Guard {
        ASKED.store(false, Ordering::Relaxed);
        let handler: extern "C" fn(libc::c_int) = on_signal;
        // SAFETY: the handler is a static function that only touches an atomic and `_exit`.
        let before = unsafe { libc::signal(libc::SIGINT, handler as libc::sighandler_t) };
        Guard { before }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // SAFETY: `before` is what `signal` gave back for the same signal.
        unsafe { libc::signal(libc::SIGINT, self.before) };
    }
}

/// Whether Ctrl-C was pressed.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
