//! Files that only their owner can read: events have names and email addresses.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

/// Creates an empty file with the mode `0600`. Keeps a file that exists, and prints a warning if
/// other users than the owner can read or write it.
pub fn create(file: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if fs::metadata(file)?.mode() & 0o066 != 0 {
                eprintln!("other users can read {}: run `chmod 600` on it", file.display());
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}
