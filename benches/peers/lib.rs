//! Nothing to build: see `benches/`.
