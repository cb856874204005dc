//! Nothing: Cargo wants a library or a program beside the tests of a package.
