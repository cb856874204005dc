//! Where the texts of modules come from: the file system, confined to one folder, and the embedded std.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

/// One file of a module.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What identifies it, whatever path led to it; handed back as `from`.
    pub id: String,
    /// The name that messages show.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A data file.
#[derive(Clone, Debug)]
pub struct LoadedData {
    /// The name that messages show.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why there is no such module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// Neither of these exists.
    NotFound(Vec<String>),
    /// This exists as a file and as a folder.
    Ambiguous(String, String),
    /// The path leads out of the project.
    Outside(String),
    /// It is there but cannot be read as text, and why.
    Unreadable(String, String),
}

/// Resolves module paths.
pub trait Loader {
    /// What identifies the file the compilation starts from.
    fn entry(&self, name: &str) -> String {
        name.to_owned()
    }

    /// All files of the module `path`, as it is written in the file `from`.
    ///
    /// # Errors
    /// Says why there is no such module.
    fn load(&self, from: &str, path: &[&str]) -> Result<Vec<Loaded>, LoadError>;

    /// The data file `path`, as it is written in the file `from`.
    ///
    /// # Errors
    /// Says why there is no such file.
    fn read(&self, _from: &str, path: &str) -> Result<LoadedData, LoadError> {
        Err(LoadError::NotFound(vec![path.to_owned()]))
    }
}

/// Files larger than this are refused.
const LARGEST: u64 = 16 << 20;

/// Data files larger than this are refused (as many bytes as the largest array has).
const LARGEST_DATA: u64 = 256 << 20;

/// What the id of an embedded file starts with.
const STD: &str = "std:";

/// The file system below the project root, and an embedded std.
///
/// The root is the nearest parent of the entry file with a `bp.toml`, or else its folder.
#[derive(Clone, Debug)]
pub struct FileLoader {
    entry: PathBuf,
    shown: PathBuf,
    root: PathBuf,
    std: Vec<(String, String)>,
}

impl FileLoader {
    /// A loader for this entry file; `std` holds paths such as `neurons/lif.bp` and their texts.
    #[must_use]
    pub fn new(entry: &Path, std: &[(&str, &str)]) -> FileLoader {
        let shown = entry.parent().map(Path::to_path_buf).unwrap_or_default();
        let folder = if shown.as_os_str().is_empty() { Path::new(".") } else { &shown };
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        let root = folder.ancestors().find(|f| f.join("bp.toml").is_file()).unwrap_or(&folder).to_path_buf();
        let entry = folder.join(entry.file_name().unwrap_or_default());
        let std = std.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        FileLoader { entry: fs::canonicalize(&entry).unwrap_or(entry), shown, root, std }
    }

    fn load_std(&self, from: &[&str], path: &[&str]) -> Result<Vec<Loaded>, LoadError> {
        let mut parts: Vec<&str> = from.to_vec();
        for part in path {
            if *part == "super" {
                parts.pop().ok_or_else(|| LoadError::Outside("std".to_owned()))?;
            } else {
                parts.push(part);
            }
        }
        let path = parts.join("/");
        let file = format!("{path}.bp");
        let in_module = |p: &str| {
            p == file
                || p.strip_prefix(&path)
                    .and_then(|r| r.strip_prefix('/'))
                    .is_some_and(|r| !r.contains('/') && !path.is_empty())
        };
        let found: Vec<Loaded> = self
            .std
            .iter()
            .filter(|(p, _)| in_module(p))
            .map(|(p, text)| Loaded { id: format!("{STD}{p}"), name: format!("std/{p}"), text: text.clone() })
            .collect();
        if found.is_empty() {
            Err(LoadError::NotFound(vec![format!("std/{path}/"), format!("std/{file}")]))
        } else {
            Ok(found)
        }
    }

    /// The name to show for a file: relative to the folder of the entry file, as the user wrote that.
    fn show(&self, path: &Path) -> String {
        let base = self.entry.parent().unwrap_or(Path::new(""));
        let mut up = PathBuf::new();
        for ancestor in base.ancestors() {
            if let Ok(rest) = path.strip_prefix(ancestor) {
                return self.shown.join(up).join(rest).display().to_string();
            }
            up.push("..");
        }
        path.display().to_string()
    }

    fn read(&self, path: &Path) -> Result<Loaded, LoadError> {
        let shown = self.show(path);
        let refuse = |why: &str| LoadError::Unreadable(shown.clone(), why.to_owned());
        let real = fs::canonicalize(path).map_err(|e| refuse(&e.to_string()))?;
        if !real.starts_with(&self.root) {
            return Err(LoadError::Outside(shown));
        }
        let about = fs::metadata(&real).map_err(|e| refuse(&e.to_string()))?;
        if !about.is_file() {
            return Err(refuse("is not a regular file"));
        }
        if about.len() > LARGEST {
            return Err(refuse("is larger than 16 MiB"));
        }
        let bytes = fs::read(&real).map_err(|e| refuse(&e.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8 text"))?;
        let id = real.to_str().ok_or_else(|| refuse("has a name that is not UTF-8"))?.to_owned();
        Ok(Loaded { id, name: shown, text })
    }

    fn read_folder(&self, folder: &Path) -> Result<Vec<Loaded>, LoadError> {
        let shown = self.show(folder);
        let refuse = |e: std::io::Error| LoadError::Unreadable(shown.clone(), e.to_string());
        let real = fs::canonicalize(folder).map_err(refuse)?;
        if !real.starts_with(&self.root) {
            return Err(LoadError::Outside(shown));
        }
        let mut paths = Vec::new();
        for entry in fs::read_dir(&real).map_err(refuse)? {
            let path = entry.map_err(refuse)?.path();
            if path.extension().is_some_and(|e| e == "bp") {
                paths.push(path);
            }
        }
        paths.sort();
        if paths.is_empty() {
            return Err(LoadError::NotFound(vec![format!("{shown}/*.bp")]));
        }
        paths.iter().map(|p| self.read(p)).collect()
    }
}

impl FileLoader {
    /// A data file, named relative to the folder of the file `from`.
    fn read_data(&self, from: &str, path: &str) -> Result<LoadedData, LoadError> {
        let written = Path::new(path);
        let inside = |c: Component| matches!(c, Component::Normal(_) | Component::CurDir | Component::ParentDir);
        if from.starts_with(STD) || !written.components().all(inside) || path.contains(['\\', '\0']) {
            return Err(LoadError::Outside(path.to_owned()));
        }
        let mut place = Path::new(from).parent().unwrap_or(Path::new("")).to_path_buf();
        for component in written.components() {
            match component {
                Component::Normal(part) => place.push(part),
                Component::ParentDir => {
                    place.pop();
                    // Where a folder outside leads is nobody's business, nor whether it exists.
                    if !place.starts_with(&self.root) {
                        return Err(LoadError::Outside(path.to_owned()));
                    }
                }
                _ => {}
            }
        }
        let shown = self.show(&place);
        let refuse = |why: &str| LoadError::Unreadable(shown.clone(), why.to_owned());
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => LoadError::NotFound(vec![shown.clone()]),
            _ => refuse(&error.to_string()),
        };
        let real = fs::canonicalize(&place).map_err(failed)?;
        if !real.starts_with(&self.root) {
            return Err(LoadError::Outside(shown));
        }
        if !fs::metadata(&real).map_err(failed)?.is_file() {
            return Err(refuse("is not a regular file"));
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(&real).map_err(failed)?;
        file.take(LARGEST_DATA + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > LARGEST_DATA {
            return Err(refuse("is larger than 256 MiB"));
        }
        Ok(LoadedData { name: shown, bytes })
    }
}

impl Loader for FileLoader {
    fn entry(&self, _name: &str) -> String {
        self.entry.display().to_string()
    }

    fn read(&self, from: &str, path: &str) -> Result<LoadedData, LoadError> {
        self.read_data(from, path)
    }

    fn load(&self, from: &str, path: &[&str]) -> Result<Vec<Loaded>, LoadError> {
        // The grammar has no such names; a loader is also called by other programs.
        if let Some(bad) = path.iter().find(|p| p.is_empty() || p.contains(['/', '\\', '.', ':', '\0'])) {
            return Err(LoadError::Outside((*bad).to_owned()));
        }
        if path.first() == Some(&"std") {
            return self.load_std(&[], &path[1..]);
        }
        if let Some(inside) = from.strip_prefix(STD) {
            let mut parts: Vec<&str> = inside.split('/').collect();
            parts.pop();
            return self.load_std(&parts, path);
        }
        let mut folder = Path::new(from).parent().unwrap_or(Path::new("")).to_path_buf();
        for (index, part) in path.iter().enumerate() {
            if *part == "super" {
                folder.pop();
                if !folder.starts_with(&self.root) {
                    return Err(LoadError::Outside(path[..=index].join("::")));
                }
            } else {
                folder.push(part);
            }
        }
        if path.last() == Some(&"super") || !folder.components().all(|c| !matches!(c, Component::ParentDir)) {
            return Err(LoadError::NotFound(vec![self.show(&folder)]));
        }
        let file = PathBuf::from(format!("{}.bp", folder.display()));
        let (has_file, has_folder) =
            (fs::symlink_metadata(&file).is_ok(), fs::metadata(&folder).is_ok_and(|m| m.is_dir()));
        match (has_file, has_folder) {
            (true, true) => Err(LoadError::Ambiguous(self.show(&file), format!("{}/", self.show(&folder)))),
            (true, false) => Ok(vec![self.read(&file)?]),
            (false, true) => self.read_folder(&folder),
            (false, false) => Err(LoadError::NotFound(vec![self.show(&file), format!("{}/", self.show(&folder))])),
        }
    }
}
