//! A disk that is full when a test says so.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder for the files of one process, whose disk can be filled.
pub struct Disk {
    folder: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tmpfs,
    FileSizeLimit,
}

/// The program and the arguments that start another program on a disk with a limit on the size of files: so that a write beyond it
/// is an error of the write (`EFBIG`), and not a signal.
pub const WITHOUT_SIGXFSZ: [&str; 3] = ["sh", "-c", r#"trap "" XFSZ; exec "$0" "$@""#];

impl Disk {
    /// A file system of 16 MiB of its own: a write to it fails with `ENOSPC` while it is full. Mounting it needs root, or `sudo`
    /// without a password.
    pub fn tmpfs(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        privileged(&["mount", "-t", "tmpfs", "-o", "size=16m,mode=777", "tmpfs"], folder);
        Self { folder: folder.to_owned(), kind: Kind::Tmpfs }
    }

    /// A folder like any other: while it counts as full, the process may not write beyond the first byte of any file. This needs
    /// no privilege.
    pub fn with_file_size_limit(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        Self { folder: folder.to_owned(), kind: Kind::FileSizeLimit }
    }

    /// Fills it, for the process with this id.
    pub fn fill(&self, pid: u32) {
        if self.kind == Kind::FileSizeLimit {
            return limit_file_size(pid, "1:");
        }
        let mut ballast = File::create(self.ballast()).expect("a file can be made");
        for size in [64 * 1024, 1024, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn free(&self, pid: u32) {
        if self.kind == Kind::FileSizeLimit {
            return limit_file_size(pid, "unlimited:");
        }
        fs::remove_file(self.ballast()).expect("the disk was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.kind == Kind::Tmpfs {
            // Lazily, because a process that a failing test leaves behind may have files open.
            privileged(&["umount", "--lazy"], &self.folder);
        }
    }
}

/// Sets the soft limit, which may be raised again.
fn limit_file_size(pid: u32, limit: &str) {
    let arguments = [format!("--pid={pid}"), format!("--fsize={limit}")];
    let status = Command::new("prlimit").args(&arguments).status();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "prlimit {arguments:?}: {status:?}");
}

fn privileged(command: &[&str], folder: &Path) {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let sudo: &[&str] = if is_root { &[] } else { &["sudo", "--non-interactive"] };
    let words = [sudo, command].concat();
    let status = Command::new(words[0]).args(&words[1..]).arg(folder).status();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{words:?} {folder:?}: {status:?}");
}
