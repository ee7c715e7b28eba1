//! Empty: cargo wants a build script beside `links`, and `links` is what forbids two copies of the
//! registry in one dependency graph.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
