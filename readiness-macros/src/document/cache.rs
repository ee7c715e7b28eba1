//! What was read from a file, kept for as long as the file stays the same.
//!
//! A crate with a thousand attributes would otherwise read and scan the document a thousand times.
//! The process may also be a macro server that lives for days, so an entry is only as good as the
//! file's modification time and length. Entries are few: one or two per workspace.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What tells one version of a file from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

impl Stamp {
    /// Of a regular file; a directory or a device is an error, and is never opened.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        Ok(Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
        })
    }
}

/// Results by path.
pub(crate) struct Cache<T>(Mutex<BTreeMap<PathBuf, Entry<T>>>);

struct Entry<T> {
    stamp: Stamp,
    /// Another file that the value was made with.
    beside: Option<Stamp>,
    value: Arc<T>,
}

impl<T> Cache<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The value for the file at `path`: as kept, if neither the file nor `beside` changed, else
    /// made from the file's bytes.
    pub(crate) fn get(
        &self,
        path: &Path,
        beside: Option<Stamp>,
        make: impl FnOnce(Vec<u8>) -> T,
    ) -> io::Result<Arc<T>> {
        let stamp = Stamp::of(path)?;
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(path)
            && (entry.stamp, entry.beside) == (stamp, beside)
        {
            return Ok(Arc::clone(&entry.value));
        }
        let value = Arc::new(make(fs::read(path)?));
        let entry = Entry {
            stamp,
            beside,
            value: Arc::clone(&value),
        };
        entries.insert(path.to_owned(), entry);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_again_only_what_changed() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("file");
        let cache = Cache::<String>::new();
        let reads = std::cell::Cell::new(0);
        let get = |beside| {
            let make = |bytes| {
                reads.set(reads.get() + 1);
                String::from_utf8(bytes).expect("text")
            };
            cache
                .get(&path, beside, make)
                .map(|value| value.to_string())
        };
        assert!(get(None).is_err(), "nothing there yet");
        fs::write(&path, "one").expect("write");
        assert_eq!(get(None).expect("read"), "one");
        assert_eq!(get(None).expect("read"), "one");
        assert_eq!(reads.get(), 1);

        fs::write(&path, "longer").expect("write");
        assert_eq!(get(None).expect("read"), "longer");
        assert_eq!(reads.get(), 2);

        let beside = Stamp::of(&path).expect("stamp");
        assert_eq!(get(Some(beside)).expect("read"), "longer");
        assert_eq!(reads.get(), 3, "another configuration is another value");
    }

    #[test]
    fn never_opens_what_is_not_a_file() {
        let folder = tempfile::tempdir().expect("folder");
        assert!(Stamp::of(folder.path()).is_err());
        #[cfg(unix)]
        assert!(Stamp::of(Path::new("/dev/zero")).is_err());
    }
}
