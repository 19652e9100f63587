//! A small file system in memory.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A file system of 16 MiB, mounted on a folder until it is dropped.
///
/// While it is full, a write to it fails with `ENOSPC`.
pub struct Tmpfs {
    folder: PathBuf,
}

impl Tmpfs {
    /// Mounts it, which needs root, or `sudo` without a password.
    pub fn mount(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        privileged(&["mount", "-t", "tmpfs", "-o", "size=16m,mode=777", "tmpfs"], folder);
        Self { folder: folder.to_owned() }
    }

    /// Leaves no byte free.
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file can be made");
        for size in [64 * 1024, 1024, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Frees what `fill` took.
    pub fn free(&self) {
        fs::remove_file(self.ballast()).expect("the disk was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily, because a process that a failing test leaves behind may have files open.
        privileged(&["umount", "--lazy"], &self.folder);
    }
}

fn privileged(command: &[&str], folder: &Path) {
    let is_root =
        Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let sudo: &[&str] = if is_root { &[] } else { &["sudo", "--non-interactive"] };
    let words = [sudo, command].concat();
    let status = Command::new(words[0]).args(&words[1..]).arg(folder).status();
    assert!(
        status.as_ref().is_ok_and(std::process::ExitStatus::success),
        "{words:?} {folder:?}: {status:?}"
    );
}
