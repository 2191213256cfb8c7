// SPDX-License-Identifier: MIT

//! A driver for a2; see ../../README.md for its words and its line.

mod simulator;

use a2::request::notification::{NotificationOptions, Priority, PushType};
use a2::request::payload::PayloadLike;
use a2::{Client, ClientConfig};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const WARM_UP: u64 = 10_000;
const MAGIC: &str = "0B3F8A52-6A3E-4C1D-9B7E-51A0C2F4D6E8";

#[derive(Debug, Serialize)]
struct Wake<'a> {
    mdm: &'a str,
    #[serde(skip)]
    token: String,
    #[serde(skip)]
    options: NotificationOptions<'a>,
}

impl PayloadLike for Wake<'_> {
    fn get_device_token(&self) -> &str {
        &self.token
    }
    fn get_options(&self) -> &NotificationOptions<'_> {
        &self.options
    }
}

fn expiration() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock behind 1970").as_secs() / 60 * 60 + 7 * 86400
}

/// Sends one push after the other until all are sent; how many were taken.
async fn send_in_turn(client: Client, topic: Arc<str>, next: Arc<AtomicU64>, count: u64) -> u64 {
    let mut ok = 0;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed) + 1;
        if number > count {
            return ok;
        }
        let wake = Wake {
            mdm: MAGIC,
            token: format!("{number:064x}"),
            options: NotificationOptions {
                apns_topic: Some(&topic),
                apns_push_type: Some(PushType::Mdm),
                apns_priority: Some(Priority::High),
                apns_expiration: Some(expiration()),
                ..Default::default()
            },
        };
        ok += u64::from(client.send(wake).await.is_ok());
    }
}

/// Sends count pushes with so many in flight on each client's connection.
async fn send(clients: &[Client], topic: &Arc<str>, count: u64, streams: usize) -> u64 {
    let next = Arc::new(AtomicU64::new(0));
    let senders: Vec<_> = (0..streams)
        .flat_map(|_| clients.iter().cloned())
        .map(|client| tokio::spawn(send_in_turn(client, topic.clone(), next.clone(), count)))
        .collect();
    let mut ok = 0;
    for sender in senders {
        ok += sender.await.expect("a sender that ends");
    }
    ok
}

/// User and system seconds of the whole process.
fn usage() -> (f64, f64) {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    (seconds(usage.ru_utime), seconds(usage.ru_stime))
}

async fn measure(clients: Vec<Client>, topic: Arc<str>, count: u64, streams: usize) {
    send(&clients, &topic, WARM_UP, streams).await;
    let began = Instant::now();
    let before = usage();
    let ok = send(&clients, &topic, count, streams).await;
    let after = usage();
    println!(
        "{{\"peer\":\"a2\",\"version\":\"0.10.0\",\"ok\":{ok},\"failed\":{},\
         \"seconds\":{:.6},\"user_seconds\":{:.6},\"system_seconds\":{:.6}}}",
        count - ok,
        began.elapsed().as_secs_f64(),
        after.0 - before.0,
        after.1 - before.1
    );
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, cert, _ca, topic, count, connections, streams] = &words[..] else {
        eprintln!("usage: a2 HOST PORT CERT CA TOPIC NUMBER CONNECTIONS STREAMS");
        std::process::exit(2);
    };
    let number = |word: &str| word.parse::<u64>().expect("a number");
    simulator::set(host, number(port) as u16);
    let pem = std::fs::read(cert).expect("the certificate's file");
    // A client holds one connection, so there are as many clients.
    let clients = (0..number(connections))
        .map(|_| Client::certificate_parts(&pem, &pem, ClientConfig::default()))
        .collect::<Result<Vec<_>, _>>()
        .expect("certificate and key");
    let (count, streams) = (number(count), number(streams) as usize);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(clients, topic.as_str().into(), count, streams));
}
