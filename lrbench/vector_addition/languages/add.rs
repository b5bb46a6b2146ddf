//! c = a + b in Rust: by an index loop, and by iterators over whole slices.
//!
//! Usage: add N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.
//! Build: rustc -C opt-level=3 -C target-cpu=native add.rs -o add; with LRBENCH_VERSION and LRBENCH_FLAGS in the
//! environment it can tell both.

use std::env;
use std::hint::black_box;
use std::process::exit;
use std::time::Instant;

const VERSION: &str = match option_env!("LRBENCH_VERSION") {
    Some(text) => text,
    None => "rustc",
};
const FLAGS: &str = match option_env!("LRBENCH_FLAGS") {
    Some(text) => text,
    None => "",
};

type Add = fn(&[f64], &[f64], &mut Vec<f64>);

const METHODS: [(&str, &str, &str, Add); 3] = [
    ("loop", "for i in 0..n { c[i] = a[i] + b[i] }", "output given; lengths compared once, not at each index", by_index),
    ("zip", "for ((c, a), b) in c.iter_mut().zip(a).zip(b) { *c = a + b }", "output given", by_iterators),
    ("zip-new", "a.iter().zip(b).map(|(a, b)| a + b).collect()", "output freed and allocated in each call", into_new),
];

#[inline(never)]
fn by_index(a: &[f64], b: &[f64], c: &mut Vec<f64>) {
    let n = c.len();
    let (a, b, c) = (&a[..n], &b[..n], &mut c[..n]);
    for i in 0..n {
        c[i] = a[i] + b[i];
    }
}

#[inline(never)]
fn by_iterators(a: &[f64], b: &[f64], c: &mut Vec<f64>) {
    for ((c, a), b) in c.iter_mut().zip(a).zip(b) {
        *c = a + b;
    }
}

#[inline(never)]
fn into_new(a: &[f64], b: &[f64], c: &mut Vec<f64>) {
    *c = Vec::new();
    *c = a.iter().zip(b).map(|(a, b)| a + b).collect();
}

fn seconds(add: Add, a: &[f64], b: &[f64], c: &mut Vec<f64>, calls: u64) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        add(black_box(a), black_box(b), black_box(&mut *c));
        black_box(&mut *c);
    }
    start.elapsed().as_secs_f64()
}

/// One look may be cold or interrupted.
fn take_a_millisecond(add: Add, a: &[f64], b: &[f64], c: &mut Vec<f64>, calls: u64) -> bool {
    for _look in 0..5 {
        let passed = seconds(add, a, b, c, calls);
        if passed < 1e-3 {
            return false;
        }
        if passed > 50e-3 {
            break;
        }
    }
    true
}

fn argument(place: usize) -> u64 {
    match env::args().nth(place).and_then(|text| text.parse().ok()) {
        Some(number) => number,
        None => {
            eprintln!("usage: add N REPETITIONS SEED [METHOD]");
            exit(2)
        }
    }
}

fn main() {
    let (n, repetitions, seed) = (argument(1), argument(2), argument(3));
    let wanted = env::args().nth(4);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for i in 0..n {
        let u = (31337 * i + seed) % 65521;
        let s = u * u % 65521;
        let t = s * u % 65521;
        a.push((2 * s + 1) as f64 / 65536.0);
        b.push((2 * t + 1) as f64 / 32768.0);
    }
    let mut found = false;
    for (name, label, note, add) in METHODS {
        if wanted.as_deref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        found = true;
        let mut c = vec![0.0; n as usize];
        let mut calls = 1;
        while !take_a_millisecond(add, &a, &b, &mut c, calls) {
            calls *= 2;
        }
        c.fill(0.0);
        let samples: Vec<String> = (0..repetitions)
            .map(|_| format!("{:e}", seconds(add, &a, &b, &mut c, calls) / calls as f64))
            .collect();
        let checksum: f64 = c.iter().enumerate().map(|(i, c)| (1 + i % 7) as f64 * c).sum();
        println!(
            "{{\"method\": \"{name}\", \"label\": \"{label}\", \"n\": {n}, \"dtype\": \"float64\", \
             \"seconds_per_call\": [{}], \"calls_per_sample\": {calls}, \"checksum\": {checksum:?}, \
             \"language\": \"Rust\", \"version\": \"{VERSION}\", \"flags\": \"{FLAGS}\", \"note\": \"{note}\"}}",
            samples.join(", ")
        );
    }
    if !found {
        eprintln!("no method '{}'", wanted.unwrap_or_default());
        exit(2);
    }
}
