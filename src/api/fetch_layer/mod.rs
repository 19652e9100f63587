//! The layer that fetches the object of an event before the handler is called.

mod coalescer;
mod flights;
mod layer;
#[cfg(test)]
mod model;
mod response;
mod service;
mod trace;

pub use self::{
    layer::FetchLayer,
    service::{Fetch, FetchFuture},
};
