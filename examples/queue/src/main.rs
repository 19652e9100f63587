//! A server that stores each event in a job queue before it answers.
//!
//! A worker does the work, with retries, growing pauses and a list of dead letters.
//!
//! ```console
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run -p queue
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send     # in a second terminal
//! ```

mod fulfilment;
mod queue;
mod receive;
mod server;
mod settings;
mod work;

use std::{env, process::ExitCode};

use tower_stripe_webhook::BoxError;

use crate::{queue::Queue, settings::Settings};

const USAGE: &str = "usage: queue [serve | work | dead | revive <event id>]
  (nothing)  receive events and work on them
  serve      only receive events
  work       only work on stored events
  dead       list the events whose work has failed too often
  revive     retry the work on one of them";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), BoxError> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let settings = Settings::from_env()?;
    let open = || Queue::open(&settings.database_url);
    match arguments[..] {
        [] => {
            let queue = open().await?;
            tokio::try_join!(
                receive::serve(queue.clone(), &settings),
                work::work(queue, &settings)
            )?;
        }
        ["serve"] => receive::serve(open().await?, &settings).await?,
        ["work"] => work::work(open().await?, &settings).await?,
        ["dead"] => {
            for letter in open().await?.dead_letters().await? {
                println!(
                    "{} after {} attempts: {}",
                    letter.event_key, letter.attempts, letter.error
                );
            }
        }
        ["revive", event] => {
            if !open().await?.revive(event).await? {
                return Err(format!("no event {event} is among the dead letters").into());
            }
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
