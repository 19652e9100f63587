//! Files that only their owner can read.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

/// Creates an empty file with the mode `0600`, unless it exists.
pub fn create(file: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Returns whether other users than the owner can read or write a file that exists.
pub fn others_can_read(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|file| file.mode() & 0o066 != 0)
}
