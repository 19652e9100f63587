//! Events: their envelopes and their objects.

mod characters;
mod envelope;
mod event_types;
mod families;
mod moved_values;
mod mutations;
mod object_fields;
mod object_forms;
mod objects;
mod reported;
mod samples;
mod stored;
mod thin;
mod thin_twin;
mod unverified;
mod written;
