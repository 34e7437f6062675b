//! Replays the fuzzers' corpora on any toolchain.
use byourside_fuzz::{TARGETS, run};
use std::{fs, path::Path};

#[test]
fn every_corpus_input_holds() {
    for (name, _) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut count = 0;
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry of the corpus").path();
            let data = fs::read(&path).expect("a file of the corpus");
            // If this panics, the file's name is the last line before the report.
            println!("{}", path.display());
            run(name, &data);
            count += 1;
        }
        assert!(count > 0, "the corpus of {name} is empty");
        println!("{name}: {count} inputs");
    }
}

#[test]
fn every_target_has_its_program() {
    for (name, _) in TARGETS {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz_targets/{name}.rs"));
        let text = fs::read_to_string(&program).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(text.contains(&format!("run(\"{name}\"")), "{name}");
    }
}
