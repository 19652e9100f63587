//! The program on all targets, for less than a minute.
//!
//! It prints its seed, with which the faults can be repeated.

use std::process::Command;

fn chaos(words: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chaos"));
    program.args(words.split(' '));
    program
}

#[test]
#[ignore = "needs Postgres, Redis and the program billing: .ci/run has them"]
fn each_acknowledged_event_takes_effect_once_on_each_target() {
    let status = chaos("--all --jobs 9 --seconds 40 --rate 8").status().expect("it starts");
    assert!(status.success(), "{status}: the reason is printed above");
}

#[test]
fn nodes_that_acknowledge_before_they_commit_lose_events() {
    for target in ["memory", "sqlite", "record-sqlite"] {
        assert_finds("Lost", target, "loses");
    }
}

#[test]
fn nodes_that_ignore_duplicates_apply_events_twice() {
    for target in ["memory", "sqlite", "record-sqlite"] {
        assert_finds("Twice", target, "repeats");
    }
}

/// Runs broken nodes, and the same without the control.
fn assert_finds(violation: &str, target: &str, control: &str) {
    let words = format!("--target {target} --seconds 3 --seed 1 --only kill");
    let status = chaos(&words).status().expect("it starts");
    assert!(status.success(), "{target}: {status}: the reason is printed above");

    let broken = chaos(&format!("{words} --control {control}")).output().expect("it starts");
    let printed = String::from_utf8_lossy(&broken.stdout);
    assert_eq!(broken.status.code(), Some(1), "{target}: {printed}");
    let found = format!(": {violation}\n");
    assert!(printed.contains(&found), "{target}: no violation `{violation}` in {printed}");
    assert!(printed.contains("delivered to node"), "{target}: no history in {printed}");
}
