//! `bpc new`: a first model that runs.

use crate::console;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use std::path::Path;

/// See [`execute`].
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  bpc new my_net && bpc run my_net/my_net.bp")]
pub struct Arguments {
    /// The name: letters, digits and `_`, a letter first
    #[arg(value_name = "NAME")]
    name: String,
}

/// Makes a folder with a model and a page about it.
///
/// # Errors
/// If the name is not one, or is taken.
pub fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let name = &arguments.name;
    check_name(name)?;
    let folder = Path::new(name);
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::usage(format!("`{name}` exists already; choose another name or remove it")));
    }
    output::make_folder(folder)?;
    let fill = |template: &str| template.replace("{name}", name).replace("{Network}", &camel_case(name));
    output::write_file(&folder.join(format!("{name}.bp")), fill(MODEL).as_bytes())?;
    output::write_file(&folder.join("README.md"), fill(README).as_bytes())?;
    console::print(&format!("made {name}/{name}.bp and {name}/README.md\n\nnext:\n  bpc run {name}/{name}.bp\n"))
}

fn check_name(name: &str) -> Result<(), Failure> {
    let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if letters && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= 64 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "`{name}` is not a name: use letters a-z, digits and `_`, a letter first, at most 64 of them"
    )))
}

/// `my_net` becomes `MyNet`.
fn camel_case(name: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split('_').filter(|part| !part.is_empty()).map(capital).collect()
}

const MODEL: &str = include_str!("../assets/new.bp");

const README: &str = "\
# {name}

A small network of excitatory and inhibitory neurons.

    bpc run {name}.bp                        # rates, and a raster in the terminal
    bpc run {name}.bp --plot raster.svg      # a picture
    bpc run {name}.bp --out results          # spikes.npz and traces.npz for NumPy
    bpc run {name}.bp --set n=4000           # another size
    bpc test {name}.bp --bless               # store what came out; `bpc test` compares later
    bpc compile {name}.bp -o build           # a library for C, C++, Rust, …
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "my_net", "Net2"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "2net", "_x", "a b", "../x", "a/b", "ä", "-v", "a.b"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert_eq!(camel_case("my_net_2"), "MyNet2");
        assert_eq!(camel_case("a__b_"), "AB");
    }
}
