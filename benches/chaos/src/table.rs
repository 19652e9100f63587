//! The table of all runs.

use std::fmt::Display;

use crate::audit::{Verdict, Violation};

pub fn print(verdicts: &[Verdict]) {
    println!(
        "{:<16} {:>7} {:>7} {:>12} {:>10} {:>10} {:>7} {:>5} {:>5} {:>5} {:>7}  faults; effects again, as documented",
        "target",
        "seconds",
        "events",
        "acknowledged",
        "deliveries",
        "duplicates",
        "effects",
        "again",
        "lost",
        "twice",
        "settled"
    );
    for verdict in verdicts {
        let again: usize = verdict.again.values().sum();
        println!(
            "{:<16} {:>7} {:>7} {:>12} {:>10} {:>10} {:>7} {:>5} {:>5} {:>5} {:>6.1}s  {}; {}",
            verdict.facts.target,
            verdict.facts.seconds,
            verdict.facts.sent.len(),
            verdict.acknowledged(),
            verdict.deliveries(),
            verdict.duplicates(),
            verdict.effects,
            again,
            verdict.count(Violation::Lost),
            verdict.count(Violation::Twice),
            verdict.settled_after(),
            list(&verdict.faults()),
            list(&verdict.again),
        );
        let unacknowledged = verdict.count(Violation::Unacknowledged);
        let answers = verdict.count(Violation::Answer);
        if unacknowledged + answers > 0 {
            println!("    not acknowledged: {unacknowledged}; answers without a reason: {answers}");
        }
        let is_right = verdict.is_right();
        println!("    {}", if is_right { "right: acknowledged, and once" } else { "WRONG" });
    }
}

fn list<K: Display, V: Display>(counts: &std::collections::BTreeMap<K, V>) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}
