//! What is read: the files of a project and of std, their declarations by name, data, and the values of the command line.

pub(crate) mod data;
pub(crate) mod loader;
pub mod modules;
pub(crate) mod options;
pub mod report;
pub mod stack;
