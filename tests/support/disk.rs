//! A disk that a test can fill while a program uses it.

#[path = "tmpfs.rs"]
mod tmpfs;

use std::{fs, path::Path, process::Command};

use tmpfs::Tmpfs;

/// The folder for the files of one process, whose disk can be filled.
pub enum Disk {
    Tmpfs(Tmpfs),
    FileSizeLimit,
}

/// The command that starts a program with a limit on the size of files.
///
/// A write beyond the limit is an error of the write (`EFBIG`) and not a signal.
pub const WITHOUT_SIGXFSZ: [&str; 3] = ["sh", "-c", r#"trap "" XFSZ; exec "$0" "$@""#];

impl Disk {
    /// A small file system. Mounting it needs root, or `sudo` without a password.
    pub fn tmpfs(folder: &Path) -> Self {
        Self::Tmpfs(Tmpfs::mount(folder))
    }

    /// A folder that counts as full on demand.
    ///
    /// While it does, the process may not write beyond the first byte of any file. This needs no
    /// privilege.
    pub fn with_file_size_limit(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        Self::FileSizeLimit
    }

    /// Fills it, for the process with this id.
    pub fn fill(&self, pid: u32) {
        match self {
            Self::Tmpfs(tmpfs) => tmpfs.fill(),
            Self::FileSizeLimit => limit_file_size(pid, "1:"),
        }
    }

    /// Frees the disk again.
    pub fn free(&self, pid: u32) {
        match self {
            Self::Tmpfs(tmpfs) => tmpfs.free(),
            Self::FileSizeLimit => limit_file_size(pid, "unlimited:"),
        }
    }
}

/// Sets the soft limit, which may be raised again.
fn limit_file_size(pid: u32, limit: &str) {
    let arguments = [format!("--pid={pid}"), format!("--fsize={limit}")];
    let status = Command::new("prlimit").args(&arguments).status();
    assert!(
        status.as_ref().is_ok_and(std::process::ExitStatus::success),
        "prlimit {arguments:?}: {status:?}"
    );
}
