//! A compiled network as files that an application links: a static or shared library or one
//! object, and the C header beside it.
//!
//! Whatever was there stays as it was until the new files are complete, then they are replaced: the old library goes, the new
//! header comes, and last the new library, so that no library is ever beside the header of another.
//! A file that bpc has not written is never replaced.

use super::header;
use super::runtime_object::{self, Variant};
use crate::Compiled;
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
use bpc_runtime_abi::symbols::API;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where libc and libm may be, for linkers that are not told so by a C compiler.
const SYSTEM_FOLDERS: &[&str] =
    &["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/lib"];

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `lib<symbol>.a`
    Static,
    /// `lib<symbol>.so`
    Shared,
    /// `<symbol>.o`
    Object,
}

impl Kind {
    /// The name of the file.
    #[must_use]
    pub fn file_name(self, symbol: &str) -> String {
        match self {
            Kind::Static => format!("lib{symbol}.a"),
            Kind::Shared => format!("lib{symbol}.so"),
            Kind::Object => format!("{symbol}.o"),
        }
    }
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The library or object.
    pub library: PathBuf,
    /// The header.
    pub header: PathBuf,
}

/// Why there is no library.
#[derive(Debug)]
pub enum LibraryError {
    /// A file or folder cannot be written.
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is there already and was not made by bpc.
    Foreign(PathBuf),
    /// None of these linkers is installed.
    NoLinker(Vec<&'static str>),
    /// The linker failed.
    Linker {
        /// Its name.
        name: &'static str,
        /// What it printed.
        text: String,
    },
    /// No linker of this kind can make a shared library without this file.
    NoSystemLibrary(&'static str),
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LibraryError::Write { path, error } => write!(f, "cannot write {}: {error}", path.display()),
            LibraryError::Foreign(path) => {
                write!(f, "{} exists and was not written by bpc; remove it or choose another folder", path.display())
            }
            LibraryError::NoLinker(names) => write!(
                f,
                "no linker found (looked for {} on the PATH); install gcc or clang, or build a static library, which needs none",
                names.join(", ")
            ),
            LibraryError::Linker { name, text } => write!(f, "the linker {name} failed: {}", text.trim_end()),
            LibraryError::NoSystemLibrary(name) => {
                write!(f, "cannot find {name}, and there is no cc that would know where it is")
            }
        }
    }
}

impl std::error::Error for LibraryError {}

/// Writes library and header into a folder, which is made if it is missing.
///
/// # Errors
/// See [`LibraryError`]; files that were there are unchanged then.
pub fn write(compiled: &Compiled, runtime: Variant, folder: &Path, kind: Kind) -> Result<Written, LibraryError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |error| LibraryError::Write { path, error }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let symbol = &compiled.symbol;
    let library = folder.join(kind.file_name(symbol));
    let header = folder.join(format!("{symbol}.h"));
    refuse_foreign(&library, format!("{symbol}_create").as_bytes())?;
    refuse_foreign(&header, header::MARK.as_bytes())?;

    // In the same folder, so that the finished file can be moved into place in one go.
    let work = tempfile::Builder::new().prefix(".bpc-").tempdir_in(folder).map_err(failed(folder))?;
    let new_library = work.path().join("library");
    match kind {
        Kind::Static => {
            let bytes = archive(symbol, &compiled.object, runtime).map_err(failed(&library))?;
            fs::write(&new_library, bytes).map_err(failed(&library))?;
        }
        Kind::Shared | Kind::Object => {
            let inputs = Inputs::write(work.path(), compiled, runtime).map_err(failed(work.path()))?;
            if kind == Kind::Shared {
                inputs.link_shared(symbol, &new_library)?
            } else {
                inputs.link_object(&new_library)?
            }
        }
    }
    let new_header = work.path().join("header");
    fs::write(&new_header, &compiled.header).map_err(failed(&header))?;
    // Whatever ends this in between, no library stays beside the header of another.
    match fs::remove_file(&library) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&library)(error)),
        _ => {}
    }
    fs::rename(&new_header, &header).map_err(failed(&header))?;
    fs::rename(&new_library, &library).map_err(failed(&library))?;
    Ok(Written { library, header })
}

/// A file that is there must have `mark` in it.
fn refuse_foreign(path: &Path, mark: &[u8]) -> Result<(), LibraryError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(LibraryError::Write { path: path.to_path_buf(), error }),
        Ok(bytes) if bytes.is_empty() || bytes.windows(mark.len()).any(|window| window == mark) => Ok(()),
        Ok(_) => Err(LibraryError::Foreign(path.to_path_buf())),
    }
}

/// A GNU archive of the network and the runtime, the same bytes for the same input.
fn archive(symbol: &str, object: &[u8], runtime: Variant) -> io::Result<Vec<u8>> {
    let members = [
        NewArchiveMember::new(object, &DEFAULT_OBJECT_READER, format!("{symbol}.o")),
        NewArchiveMember::new(runtime_object::bytes(runtime), &DEFAULT_OBJECT_READER, "bpc_runtime.o".into()),
    ];
    let mut stream = io::Cursor::new(Vec::new());
    write_archive_to_stream(&mut stream, &members, ArchiveKind::Gnu, false, None)?;
    stream.flush()?;
    Ok(stream.into_inner())
}

/// The linker's input files.
struct Inputs {
    network: PathBuf,
    runtime: PathBuf,
    exports: PathBuf,
}

impl Inputs {
    fn write(folder: &Path, compiled: &Compiled, runtime: Variant) -> io::Result<Inputs> {
        let inputs = Inputs {
            network: folder.join("network.o"),
            runtime: folder.join("runtime.o"),
            exports: folder.join("exports.map"),
        };
        fs::write(&inputs.network, &compiled.object)?;
        fs::write(&inputs.runtime, runtime_object::bytes(runtime))?;
        fs::write(&inputs.exports, exports(&compiled.symbol))?;
        Ok(inputs)
    }

    /// Through the C compiler, which knows where the system's libraries are; without one, a bare
    /// linker and [`SYSTEM_FOLDERS`].
    fn link_shared(&self, symbol: &str, output: &Path) -> Result<(), LibraryError> {
        let mut map = OsString::from("--version-script=");
        map.push(&self.exports);
        let flags: Vec<OsString> = ["-Bsymbolic", "--gc-sections", "--no-undefined", "--as-needed", "--build-id=none"]
            .into_iter()
            .map(OsString::from)
            .chain([map, format!("-soname=lib{symbol}.so").into()])
            .collect();
        let through_cc: Vec<OsString> =
            flags.iter().flat_map(|flag| [OsString::from("-Xlinker"), flag.clone()]).collect();
        for (name, bare) in [("cc", false), ("gcc", false), ("clang", false), ("ld.lld", true), ("ld", true)] {
            let mut command = Command::new(name);
            command.arg("-shared").args(["-z", "noexecstack"]).arg("-o").arg(output);
            command.args(if bare { &flags } else { &through_cc }).arg(&self.network).arg(&self.runtime);
            if bare {
                command.arg(system_library("libm.so.6")?).arg(system_library("libc.so.6")?);
            } else {
                // Threads are in libc since glibc 2.34; before, in a library that is part of it.
                command.args(["-lm", "-lpthread"]);
            }
            if run(name, &mut command)? {
                return Ok(());
            }
        }
        Err(LibraryError::NoLinker(vec!["cc", "gcc", "clang", "ld.lld", "ld"]))
    }

    /// One relocatable object.
    fn link_object(&self, output: &Path) -> Result<(), LibraryError> {
        for (name, flags) in [("ld", &["-r"] as &[&str]), ("ld.lld", &["-r"]), ("cc", &["-r", "-nostdlib"])] {
            let mut command = Command::new(name);
            command.args(flags).arg("-o").arg(output).arg(&self.network).arg(&self.runtime);
            if run(name, &mut command)? {
                return Ok(());
            }
        }
        Err(LibraryError::NoLinker(vec!["ld", "ld.lld", "cc"]))
    }
}

/// A version script: the C interface and nothing else.
fn exports(symbol: &str) -> String {
    let names: String = API.iter().map(|function| format!("    {symbol}_{};\n", function.name)).collect();
    format!("{{\n  global:\n{names}  local:\n    *;\n}};\n")
}

fn system_library(name: &'static str) -> Result<PathBuf, LibraryError> {
    let places = SYSTEM_FOLDERS.iter().map(|folder| Path::new(folder).join(name));
    places.into_iter().find(|path| path.exists()).ok_or(LibraryError::NoSystemLibrary(name))
}

/// Whether there is such a program; if there is, it must succeed.
fn run(name: &'static str, command: &mut Command) -> Result<bool, LibraryError> {
    let failed = |text: String| LibraryError::Linker { name, text };
    match command.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(error.to_string())),
        Ok(output) if output.status.success() => Ok(true),
        Ok(output) => Err(failed(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
