//! One peer as a worker: set up once from a line of JSON, then time what each further line asks for.
//!
//! `bonafides-bench-peers zkryptium|bbs_plus`. The line `verify 20` is answered with a JSON list of twenty
//! milliseconds of processor time. Everything is timed from bytes to verdict, as on the other side; keys are decoded
//! once, as there.

mod bbs_plus_peer;
mod zkryptium_peer;

use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

/// What every peer is given: the same key, messages and statement.
pub struct Task {
    pub key_material: Vec<u8>,
    pub header: Vec<u8>,
    pub presentation_header: Vec<u8>,
    pub context: Vec<u8>,
    pub messages: Vec<Vec<u8>>,
    pub disclosed: Vec<usize>,
    pub batch: usize,
    /// A proof that Bonafides made, which a peer of the same draft must accept.
    pub proof: Vec<u8>,
}

pub trait Peer {
    fn operations(&self) -> Vec<&'static str>;
    /// Does the operation once and returns over how many proofs its time is to be divided.
    fn run(&self, operation: &str) -> usize;
}

fn octets(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a text")).expect("hexadecimal")
}

fn numbers(value: &Value) -> Vec<usize> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|each| each.as_u64().expect("a number") as usize)
        .collect()
}

fn task(line: &str) -> Task {
    let value: Value = serde_json::from_str(line).expect("JSON");
    Task {
        key_material: octets(&value["key_material"]),
        header: octets(&value["header"]),
        presentation_header: octets(&value["presentation_header"]),
        context: octets(&value["context"]),
        messages: value["messages"]
            .as_array()
            .expect("a list")
            .iter()
            .map(octets)
            .collect(),
        disclosed: numbers(&value["disclosed"]),
        batch: value["batch"].as_u64().expect("a number") as usize,
        proof: octets(&value["proof"]),
    }
}

fn main() {
    let name = std::env::args().nth(1).expect("the name of a peer");
    let mut lines = io::stdin().lock().lines();
    let task = task(&lines.next().expect("a task").expect("a readable line"));
    let peer: Box<dyn Peer> = match name.as_str() {
        "zkryptium" => Box::new(zkryptium_peer::Zkryptium::new(&task)),
        "bbs_plus" => Box::new(bbs_plus_peer::BbsPlus::new(&task)),
        _ => panic!("no such peer"),
    };
    answer(&json!({ "operations": peer.operations() }));
    for line in lines {
        let line = line.expect("a readable line");
        let (operation, count) = line.split_once(' ').expect("an operation and a count");
        let times: Vec<f64> = (0..count.parse().expect("a count"))
            .map(|_| {
                let start = milliseconds();
                let parts = peer.run(operation);
                (milliseconds() - start) / parts as f64
            })
            .collect();
        answer(&json!(times));
    }
}

/// The processor time of this process: on a busy machine a clock on the wall would count other people's work.
fn milliseconds() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes into the struct that it is given and keeps no reference to it.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0, "a clock");
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn answer(value: &Value) {
    println!("{value}");
    io::stdout().flush().expect("somebody who listens");
}
