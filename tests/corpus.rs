//! Every input that a fuzzer starts from, or once failed with, keeps every promise.

#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn every_target_keeps_its_promises_on_its_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for target in targets::TARGETS {
        let files = fs::read_dir(corpus.join(target.name)).expect("a target has a corpus");
        let mut count = 0;
        for file in files {
            let path = file.expect("a file").path();
            println!("{}", path.display());
            (target.check)(&fs::read(&path).expect("bytes"));
            count += 1;
        }
        assert!(count > 0, "{} has no input", target.name);
        assert!(!target.words.is_empty());
    }
}
