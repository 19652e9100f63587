//! The command line.

use std::{env, str::FromStr};

use rand::random;
use tower_stripe_webhook::BoxError;

use crate::{plan::Kind, target::Target};

const USAGE: &str = "usage: chaos --target NAME [--target NAME]… | --all
    [--seconds NUMBER]        how long faults happen; default: 60
    [--seed NUMBER]           chooses the faults; default: random, printed
    [--rate NUMBER]           new events per second and target; default: 40
    [--jobs NUMBER]           targets at once; default: 3
    [--only KIND[,KIND]…]     only these kinds of faults
    [--control loses|repeats] breaks the nodes on purpose, so that the audit must find violations";

pub enum Command {
    Run(Arguments),
    Node(NodeArguments),
}

#[derive(Clone, Debug)]
pub struct Arguments {
    pub targets: Vec<Target>,
    pub seconds: u64,
    pub seed: u64,
    pub rate: u32,
    pub jobs: usize,
    pub only: Vec<Kind>,
    pub control: Option<Control>,
}

/// The arguments of a process that is a node. This program starts it.
#[derive(Clone, Debug)]
pub struct NodeArguments {
    pub target: Target,
    pub database: String,
    pub control: Option<Control>,
}

/// A node that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Acknowledges an event before its effect is stored.
    Loses,
    /// Ignores that an event is a duplicate.
    Repeats,
}

impl Control {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loses => "loses",
            Self::Repeats => "repeats",
        }
    }
}

impl FromStr for Control {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        [Self::Loses, Self::Repeats]
            .into_iter()
            .find(|control| control.as_str() == text)
            .ok_or_else(|| USAGE.into())
    }
}

impl Arguments {
    pub fn parse() -> Result<Command, BoxError> {
        let mut arguments = Self {
            targets: Vec::new(),
            seconds: 60,
            seed: random(),
            rate: 40,
            jobs: 3,
            only: Vec::new(),
            control: None,
        };
        let mut node = None;
        let mut words = env::args().skip(1);
        while let Some(name) = words.next() {
            if name == "--all" {
                arguments.targets = Target::ALL.to_vec();
                continue;
            }
            let value = words.next().ok_or(USAGE)?;
            match &*name {
                "--target" => arguments.targets.push(value.parse()?),
                "--seconds" => arguments.seconds = number(&value)?,
                "--seed" => arguments.seed = number(&value)?,
                "--rate" => arguments.rate = number::<u32>(&value)?.clamp(1, 10_000),
                "--jobs" => arguments.jobs = number::<usize>(&value)?.clamp(1, 64),
                "--only" => {
                    arguments.only = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
                }
                "--control" => arguments.control = Some(value.parse()?),
                "--node" => node = Some((value.parse()?, words.next().ok_or(USAGE)?)),
                _ => return Err(USAGE.into()),
            }
        }
        if let Some((target, database)) = node {
            let control = arguments.control;
            return Ok(Command::Node(NodeArguments { target, database, control }));
        }
        if arguments.targets.is_empty() {
            return Err(USAGE.into());
        }
        if arguments.control.is_some() && arguments.targets.iter().any(|target| target.is_billing())
        {
            return Err("billing cannot be broken by an option: choose another target".into());
        }
        Ok(Command::Run(arguments))
    }
}

impl NodeArguments {
    pub fn words(&self) -> Vec<&str> {
        let mut words = vec!["--node", self.target.as_str(), &self.database];
        if let Some(control) = self.control {
            words.extend(["--control", control.as_str()]);
        }
        words
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, BoxError> {
    text.parse().map_err(|_| USAGE.into())
}
