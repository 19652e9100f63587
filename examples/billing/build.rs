//! Rebuilds after a new migration, because migrations are embedded in the program.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
