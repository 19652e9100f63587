//! Events: their envelope, and the objects that they are about.

mod characters;
mod envelope;
mod moved_values;
mod mutations;
mod object_fields;
mod object_forms;
mod objects;
mod reported;
mod unverified;
