//! The program, at a size that takes a minute.
//!
//! By default it delivers 10,000 events.

use std::process::Command;

#[test]
#[ignore = "needs Postgres: .ci/run starts one"]
fn each_event_recorded_with_its_effect_takes_effect_once() {
    deliver_to_two_nodes("postgres-transaction");
}

#[test]
#[ignore = "needs Postgres: .ci/run starts one"]
fn each_event_claimed_in_postgres_takes_effect_once() {
    deliver_to_two_nodes("postgres");
}

#[test]
#[ignore = "needs Redis: .ci/run starts one"]
fn each_event_claimed_in_redis_takes_effect_once() {
    deliver_to_two_nodes("redis");
}

fn deliver_to_two_nodes(store: &str) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_nodes"));
    let status = program
        .args(["--store", store, "--events", "2000", "--kills", "5"])
        .status()
        .expect("it starts");
    assert!(status.success(), "{store}: {status}; what it has counted is above");
}
