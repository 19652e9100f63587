//! The modes of the SQLite file and of the files beside it.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use axum::http::StatusCode;

use crate::{
    database::{Database, folder},
    program::{Program, run},
    shop::Shop,
    stripe::deliver,
};

fn mode(file: &Path) -> u32 {
    fs::metadata(file).expect("the file exists").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_sqlite_file_can_only_be_read_by_its_owner() {
    let folder = folder();
    fs::create_dir_all(&folder).unwrap();
    let database = Database::sqlite_in(&folder);
    let program = Program::start(&["serve"], &database, &Shop::open().await, &[]).await;
    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);
    for name in ["queue.db", "queue.db-wal", "queue.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    program.stop().await;
}

#[tokio::test]
async fn an_existing_sqlite_file_keeps_its_mode_with_a_warning() {
    for (existing, is_warned) in [(0o600, false), (0o640, true), (0o604, true)] {
        let folder = folder();
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("queue.db");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(existing)).unwrap();
        let output = run(&["dead"], Database::sqlite_in(&folder).url(), &[]).await;
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(printed.contains("other users can read"), is_warned, "{printed}");
        assert_eq!(mode(&file), existing);
    }
}
