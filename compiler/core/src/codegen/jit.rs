//! Objects linked into this process by LLVM's ORC, for `bpc run`.

use super::target;
use llvm_sys::core::LLVMCreateMemoryBufferWithMemoryRangeCopy;
use llvm_sys::error::{LLVMDisposeErrorMessage, LLVMErrorRef, LLVMGetErrorMessage};
use llvm_sys::orc2::LLVMOrcExecutionSessionSetErrorReporter;
use llvm_sys::orc2::lljit::{
    LLVMOrcCreateLLJIT, LLVMOrcDisposeLLJIT, LLVMOrcLLJITAddObjectFile, LLVMOrcLLJITGetExecutionSession,
    LLVMOrcLLJITGetMainJITDylib, LLVMOrcLLJITLookup, LLVMOrcLLJITRef,
};
use std::ffi::{CStr, CString, c_void};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// Code in memory; dropping it unmaps the code.
pub struct Jit {
    jit: LLVMOrcLLJITRef,
    /// What the linker reported beside the error that it returned. Boxed: ORC keeps its address.
    reports: Box<Reports>,
}

type Reports = Mutex<Vec<String>>;

impl Jit {
    /// Links these objects with one another and with the libc and libm of this process.
    ///
    /// # Errors
    /// LLVM's own text; an undefined symbol is found by [`Jit::symbol`].
    pub fn link(objects: &[(&str, &[u8])]) -> Result<Jit, String> {
        target::initialize();
        let mut jit = std::ptr::null_mut();
        // SAFETY: a null builder asks for the defaults: this process, its own symbols visible.
        check(unsafe { LLVMOrcCreateLLJIT(&raw mut jit, std::ptr::null_mut()) })?;
        let jit = Jit { jit, reports: Box::default() };
        let reports: *const Reports = &raw const *jit.reports;
        // SAFETY: the session lives as long as `jit.jit`, which is disposed of before `reports`.
        unsafe {
            let session = LLVMOrcLLJITGetExecutionSession(jit.jit);
            LLVMOrcExecutionSessionSetErrorReporter(session, report, reports.cast_mut().cast());
        }
        for (name, bytes) in objects {
            let name = CString::new(*name).map_err(|error| error.to_string())?;
            // SAFETY: LLVM copies the bytes and the name; the buffer's owner is then the JIT, even
            // when adding fails.
            check(unsafe {
                let buffer =
                    LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes.as_ptr().cast(), bytes.len(), name.as_ptr());
                LLVMOrcLLJITAddObjectFile(jit.jit, LLVMOrcLLJITGetMainJITDylib(jit.jit), buffer)
            })?;
        }
        Ok(jit)
    }

    /// The address of a symbol; the first call does the linking.
    ///
    /// # Errors
    /// If it, or anything that it needs, is not defined.
    pub fn symbol(&self, name: &str) -> Result<NonNull<c_void>, String> {
        let text = CString::new(name).map_err(|error| error.to_string())?;
        let mut address = 0;
        // SAFETY: the JIT is live, the text ends with zero, the address is written or left alone.
        let found = check(unsafe { LLVMOrcLLJITLookup(self.jit, &raw mut address, text.as_ptr()) });
        let reports = std::mem::take(&mut *self.reports.lock().unwrap_or_else(PoisonError::into_inner));
        found.map_err(|error| reports.iter().fold(error, |all, one| format!("{all}; {one}")))?;
        NonNull::new(address as usize as *mut c_void).ok_or_else(|| format!("{name} is null"))
    }
}

impl Drop for Jit {
    fn drop(&mut self) {
        // SAFETY: owned, and nobody can hold an address of its code any longer: users of `symbol`
        // promise to keep the `Jit` (see `execute`).
        let _ = check(unsafe { LLVMOrcDisposeLLJIT(self.jit) });
    }
}

/// Takes what ORC would otherwise print to stderr.
extern "C" fn report(reports: *mut c_void, error: LLVMErrorRef) {
    let Err(text) = check(error) else { return };
    // SAFETY: `link` registered a `Reports` that outlives the session.
    let reports = unsafe { &*reports.cast::<Reports>() };
    reports.lock().unwrap_or_else(PoisonError::into_inner).push(text);
}

/// The text of an error, which is consumed.
fn check(error: LLVMErrorRef) -> Result<(), String> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: an error that nobody has consumed yet; the message is copied before it is freed.
    unsafe {
        let message = LLVMGetErrorMessage(error);
        let text = CStr::from_ptr(message).to_string_lossy().into_owned();
        LLVMDisposeErrorMessage(message);
        Err(text)
    }
}
