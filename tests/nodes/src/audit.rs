//! Holds what the sender has seen against what is in the ledger.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering::Relaxed,
};

use crate::{
    arguments::Arguments,
    ledger::{Audit, HandlerRun},
    sender::{Sent, event_id},
};

/// How often a handler was called again for an event whose effect another call had reached.
#[derive(Default)]
struct Repeats {
    after_a_failure: usize,
    after_a_kill: usize,
    after_an_unrecorded_success: usize,
    for_no_reason: usize,
    while_another_ran: usize,
    after_the_event_was_finished: usize,
}

/// Prints all counts, and tells whether they are as they have to be.
pub fn is_right(arguments: &Arguments, sent: &Sent, killed: &[u32], audit: &Audit) -> bool {
    let mut times = HashMap::new();
    for event in &audit.effects {
        *times.entry(event.as_str()).or_insert(0) += 1;
    }
    let twice = times.values().filter(|&&times| times > 1).count();
    let lost = (0..arguments.events).filter(|&number| !times.contains_key(&*event_id(number))).count();
    let repeats = Repeats::of(&audit.runs, sent, killed);
    let [
        deliveries,
        acknowledged,
        duplicates,
        unrecorded,
        conflicts,
        handler_errors,
        store_errors,
        connection_errors,
        other_answers,
    ] = [
        &sent.deliveries,
        &sent.acknowledged,
        &sent.duplicates,
        &sent.unrecorded,
        &sent.conflicts,
        &sent.handler_errors,
        &sent.store_errors,
        &sent.connection_errors,
        &sent.other_answers,
    ]
    .map(|counter| counter.load(Relaxed));

    println!("{}", arguments.store.as_str());
    for (what, count) in [
        ("events", arguments.events),
        ("deliveries", deliveries),
        ("  answered 2xx", acknowledged),
        ("    of which duplicates, without an effect", duplicates),
        ("    of which not recorded by the store", unrecorded),
        ("  answered 409, in flight", conflicts),
        ("  answered 500, the handler failed", handler_errors),
        ("  answered 503, the store failed", store_errors),
        ("  answered anything else", other_answers),
        ("  connection errors", connection_errors),
        ("nodes killed", killed.len()),
        ("events that took effect", times.len()),
        ("events that took effect twice", twice),
        ("events that were lost", lost),
    ] {
        println!("{count:>8}  {what}");
    }
    if !audit.runs.is_empty() {
        for (what, count) in [
            ("runs of a handler that reached the effect", audit.runs.len()),
            ("  again, after one that failed behind it", repeats.after_a_failure),
            ("  again, after one whose node was killed before the commit", repeats.after_a_kill),
            ("  again, after one that the store could not record", repeats.after_an_unrecorded_success),
            ("  again for no reason", repeats.for_no_reason),
            ("  while another ran", repeats.while_another_ran),
            ("  begun after the event was finished", repeats.after_the_event_was_finished),
        ] {
            println!("{count:>8}  {what}");
        }
    }

    let is_right = (lost, twice, other_answers) == (0, 0, 0)
        && times.len() == arguments.events
        && acknowledged == sent.wanted()
        && killed.len() == arguments.kills
        && repeats.are_right();
    println!("{}", if is_right { "each event took effect once" } else { "WRONG" });
    is_right
}

impl Repeats {
    fn of(runs: &[HandlerRun], sent: &Sent, killed: &[u32]) -> Self {
        let killed: HashSet<u32> = killed.iter().copied().collect();
        let mut by_event: HashMap<&str, Vec<&HandlerRun>> = HashMap::new();
        for run in runs {
            by_event.entry(&run.event_id).or_default().push(run);
        }

        let mut repeats = Self::default();
        for (number, success) in sent.first_success.iter().enumerate() {
            let mut runs = by_event.remove(&*event_id(number)).unwrap_or_default();
            runs.sort_by_key(|run| run.begun);
            repeats.after_the_event_was_finished += runs.iter().filter(|run| run.begun > success.load(Relaxed)).count();
            for pair in runs.windows(2) {
                let [earlier, later] = pair else { continue };
                *match earlier {
                    _ if sent.may_run_again[number].load(Relaxed) => &mut repeats.after_an_unrecorded_success,
                    _ if later.begun < earlier.ended => &mut repeats.while_another_ran,
                    HandlerRun { succeeds: false, .. } => &mut repeats.after_a_failure,
                    HandlerRun { node, .. } if killed.contains(node) => &mut repeats.after_a_kill,
                    _ => &mut repeats.for_no_reason,
                } += 1;
            }
        }
        repeats
    }

    fn are_right(&self) -> bool {
        (self.for_no_reason, self.while_another_ran, self.after_the_event_was_finished) == (0, 0, 0)
    }
}
