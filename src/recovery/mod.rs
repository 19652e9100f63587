//! Replay the events that were missed.

mod answer;
mod cursor;
mod error;
mod filter;
mod list;
mod lister;
mod outcome;
mod page;
mod replay;
mod report;
mod run;
mod runner;
mod source;
mod stream;

pub use self::{
    cursor::{Cursor, InvalidCursor},
    error::{RecoveryError, RecoveryErrorKind},
    filter::EventFilter,
    outcome::{ReplayOutcome, ReplayedEvent},
    report::{Counts, Progress, Report},
    runner::Recovery,
    stream::EventStream,
};
