//! The check of the ledger against the answers that the sender got.

use std::{collections::HashMap, sync::atomic::Ordering::Relaxed};

use crate::{
    arguments::Arguments,
    cluster::Kill,
    ledger::{Audit, HandlerRun},
    sender::{Sent, event_id},
};

/// The number of calls for an event after its effect.
#[derive(Debug, Default, PartialEq, Eq)]
struct Repeats {
    after_a_failure: usize,
    after_a_kill: usize,
    after_an_unrecorded_success: usize,
    for_no_reason: usize,
    while_another_ran: usize,
    after_the_event_was_finished: usize,
    /// The number of events with one of the last three.
    ///
    /// Without a key, their effect would have happened twice.
    events_twice: usize,
}

/// Prints all counts. Returns whether they are as expected.
pub fn is_right(arguments: &Arguments, sent: &Sent, killed: &[Kill], audit: &Audit) -> bool {
    let mut times = HashMap::new();
    for event in &audit.effects {
        *times.entry(event.as_str()).or_insert(0) += 1;
    }
    let lost =
        (0..arguments.events).filter(|&number| !times.contains_key(&*event_id(number))).count();
    let repeats = Repeats::of(&audit.runs, sent, killed);
    let twice = times.values().filter(|&&times| times > 1).count() + repeats.events_twice;
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
            (
                "  again, after one that the store could not record",
                repeats.after_an_unrecorded_success,
            ),
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
        && killed.len() == arguments.kills;
    println!("{}", if is_right { "each event took effect once" } else { "WRONG" });
    is_right
}

impl Repeats {
    fn of(runs: &[HandlerRun], sent: &Sent, killed: &[Kill]) -> Self {
        let mut by_event: HashMap<&str, Vec<&HandlerRun>> = HashMap::new();
        for run in runs {
            by_event.entry(&run.event_id).or_default().push(run);
        }

        let mut repeats = Self::default();
        for (number, success) in sent.first_success.iter().enumerate() {
            let mut runs = by_event.remove(&*event_id(number)).unwrap_or_default();
            runs.sort_by_key(|run| run.begun);
            let wrong_before = repeats.wrong();
            repeats.after_the_event_was_finished +=
                runs.iter().filter(|run| run.begun > success.load(Relaxed)).count();
            for pair in runs.windows(2) {
                let [earlier, later] = pair else { continue };
                *match earlier {
                    _ if sent.may_run_again[number].load(Relaxed) => {
                        &mut repeats.after_an_unrecorded_success
                    }
                    _ if was_killed_between(earlier, later, killed) => &mut repeats.after_a_kill,
                    HandlerRun { ended: Some(ended), .. } if later.begun < *ended => {
                        &mut repeats.while_another_ran
                    }
                    HandlerRun { ended: Some(_), succeeds: false, .. } => {
                        &mut repeats.after_a_failure
                    }
                    _ => &mut repeats.for_no_reason,
                } += 1;
            }
            repeats.events_twice += usize::from(repeats.wrong() > wrong_before);
        }
        repeats
    }

    fn wrong(&self) -> usize {
        self.for_no_reason + self.while_another_ran + self.after_the_event_was_finished
    }
}

fn was_killed_between(earlier: &HandlerRun, later: &HandlerRun, killed: &[Kill]) -> bool {
    killed
        .iter()
        .any(|kill| kill.node == earlier.node && (earlier.begun..=later.begun).contains(&kill.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a run for the first event.
    fn run(node: u32, begun: i64, ended: Option<i64>, succeeds: bool) -> HandlerRun {
        HandlerRun { id: begun.to_string(), event_id: event_id(0), node, begun, ended, succeeds }
    }

    fn sent(first_success: i64) -> Sent {
        let sent = Sent::of(1);
        sent.first_success[0].store(first_success, Relaxed);
        sent
    }

    const DONE: Option<i64> = Some(20);

    #[test]
    fn a_run_after_a_failure_or_a_kill_is_not_twice() {
        let failed = [run(1, 10, DONE, false), run(2, 30, Some(40), true)];
        let expected = Repeats { after_a_failure: 1, ..Repeats::default() };
        assert_eq!(Repeats::of(&failed, &sent(50), &[]), expected);

        for ended in [None, DONE] {
            let killed = [run(1, 10, ended, true), run(2, 30, Some(40), true)];
            let expected = Repeats { after_a_kill: 1, ..Repeats::default() };
            assert_eq!(Repeats::of(&killed, &sent(50), &[Kill { node: 1, at: 25 }]), expected);
        }
    }

    #[test]
    fn an_unexplained_repeat_is_twice() {
        let repeated = [run(1, 10, DONE, true), run(2, 30, Some(40), true)];
        let expected = Repeats { for_no_reason: 1, events_twice: 1, ..Repeats::default() };
        // A kill of another node, or of this one before or after both runs, explains nothing.
        for kill in [Kill { node: 2, at: 25 }, Kill { node: 1, at: 9 }, Kill { node: 1, at: 31 }] {
            assert_eq!(Repeats::of(&repeated, &sent(50), &[kill]), expected);
        }
        let unended = [run(1, 10, None, false), run(2, 30, Some(40), true)];
        assert_eq!(Repeats::of(&unended, &sent(50), &[]), expected);
    }

    #[test]
    fn two_runs_at_once_are_twice_even_if_one_fails() {
        let runs = [run(1, 10, DONE, false), run(2, 19, Some(40), true)];
        let expected = Repeats { while_another_ran: 1, events_twice: 1, ..Repeats::default() };
        assert_eq!(Repeats::of(&runs, &sent(50), &[]), expected);
    }

    #[test]
    fn a_run_after_the_end_of_the_event_is_twice() {
        let runs = [run(1, 10, DONE, false), run(2, 30, Some(40), true)];
        let expected = Repeats {
            after_a_failure: 1,
            after_the_event_was_finished: 1,
            events_twice: 1,
            ..Repeats::default()
        };
        assert_eq!(Repeats::of(&runs, &sent(29), &[]), expected);
    }

    #[test]
    fn one_run_is_once() {
        assert_eq!(Repeats::of(&[run(1, 10, DONE, true)], &sent(20), &[]), Repeats::default());
    }
}
