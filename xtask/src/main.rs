//! `cargo run -p xtask`: says what is untidy.
#![forbid(unsafe_code)]

fn main() {
    let root = xtask::root();
    let mut found = xtask::rooms(&root);
    found.extend(xtask::uncited_models(&root));
    found.extend(xtask::broken_links(&root));
    for line in &found {
        println!("{line}");
    }
    std::process::exit(i32::from(!found.is_empty()));
}
