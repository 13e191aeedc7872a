//! `cargo run --release -- TARGET --seconds N --seed S`: throws inputs until time is over, and stops
//! at the first that breaks a promise, with the input on the screen.

use std::panic::catch_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fuzz::mutate::{Random, mutate};
use fuzz::targets::{TARGETS, Target};

/// How many inputs are kept to build on.
const POOL_MAX: usize = 512;

struct Wish {
    target: &'static Target,
    seconds: u64,
    seed: u64,
}

fn main() -> ExitCode {
    let Some(wish) = wish(std::env::args().skip(1)) else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!(
            "fuzz TARGET [--seconds N] [--seed S]; targets: {}",
            names.join(", ")
        );
        return ExitCode::from(2);
    };
    match run(&wish) {
        Ok(count) => {
            println!("{}: {count} inputs, seed {}", wish.target.name, wish.seed);
            ExitCode::SUCCESS
        }
        Err(input) => {
            println!("{} fails, seed {}, with", wish.target.name, wish.seed);
            println!("{}", input.escape_ascii());
            ExitCode::FAILURE
        }
    }
}

fn wish(mut args: impl Iterator<Item = String>) -> Option<Wish> {
    let name = args.next()?;
    let mut wish = Wish {
        target: TARGETS.iter().find(|target| target.name == name)?,
        seconds: 10,
        seed: 1,
    };
    while let Some(option) = args.next() {
        let value = args.next()?.parse().ok()?;
        match &*option {
            "--seconds" => wish.seconds = value,
            "--seed" => wish.seed = value,
            _ => return None,
        }
    }
    Some(wish)
}

/// How many inputs were thrown, or the one that failed.
#[expect(
    clippy::disallowed_methods,
    reason = "a fuzzer runs in the time of its user"
)]
fn run(wish: &Wish) -> Result<u64, Vec<u8>> {
    let end = Instant::now() + Duration::from_secs(wish.seconds);
    let mut random = Random::new(wish.seed);
    let mut corpus = corpus(wish.target.name);
    for input in &corpus {
        throw(wish.target, input)?;
    }
    corpus.push(Vec::new());
    let mut pool = corpus.clone();
    let mut count = corpus.len() as u64;
    while Instant::now() < end {
        for _ in 0..256 {
            // Half of them are one step from what is known to be good, or all decays into noise.
            let from = [&pool, &corpus][random.below(2)];
            let mut input = from[random.below(from.len())].clone();
            let other = &pool[random.below(pool.len())];
            mutate(&mut input, wish.target.words, other, &mut random);
            throw(wish.target, &input)?;
            count += 1;
            if random.below(64) == 0 {
                if pool.len() < POOL_MAX {
                    pool.push(input);
                } else {
                    pool[random.below(POOL_MAX)] = input;
                }
            }
        }
    }
    Ok(count)
}

fn throw(target: &Target, input: &[u8]) -> Result<(), Vec<u8>> {
    catch_unwind(|| (target.check)(input)).map_err(|_| input.to_vec())
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}
