//! What goes into a run, by name and hash, so that it can be told whether another run had the same.

use bpc_sema::{LoadError, Loaded, LoadedData, Loader};
use sha2::{Digest, Sha256};
use std::cell::RefCell;

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed {
    /// As messages show it: relative to the folder of the entry file, as the user wrote that.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// The SHA-256 of bytes, as hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A loader that notes the data that is read through it. The hash is of the very bytes that go into the model.
pub struct Noting<L> {
    loader: L,
    data: RefCell<Vec<Hashed>>,
}

impl<L: Loader> Noting<L> {
    /// Notes what is read through `loader`.
    pub fn new(loader: L) -> Noting<L> {
        Noting { loader, data: RefCell::default() }
    }

    /// The data files that were read, each once, by name.
    pub fn data(self) -> Vec<Hashed> {
        let mut data = self.data.into_inner();
        data.sort_by(|a, b| (&a.name, &a.sha256).cmp(&(&b.name, &b.sha256)));
        data.dedup();
        data
    }
}

impl<L: Loader> Loader for Noting<L> {
    fn entry(&self, name: &str) -> String {
        self.loader.entry(name)
    }

    fn load(&self, from: &str, path: &[&str]) -> Result<Vec<Loaded>, LoadError> {
        self.loader.load(from, path)
    }

    fn read(&self, from: &str, path: &str) -> Result<LoadedData, LoadError> {
        let read = self.loader.read(from, path)?;
        self.data.borrow_mut().push(Hashed { name: read.name.clone(), sha256: sha256(&read.bytes) });
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of FIPS 180-2, and the empty message.
    #[test]
    fn known_hashes() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
