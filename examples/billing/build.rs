//! Builds anew when a migration was added: the program has them all inside.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
