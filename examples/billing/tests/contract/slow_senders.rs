//! Clients that are silent, or send slowly, do not delay Stripe.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    process::Command,
    thread,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tokio::time::timeout;

use crate::harness::{Billing, SECRET, Setup, Store, events::*};

const EMAIL: &str = "zoe@example.com";

/// More than the events that are processed at the same time.
const SENDERS: usize = 150;

#[tokio::test]
async fn senders_without_a_body_do_not_delay_a_delivery() {
    let billing = Billing::start(&Store::sqlite());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let head = format!(
        "POST /api/v1/webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\
         Stripe-Signature: t={now},v1={}\r\n\r\n",
        "0".repeat(64)
    );
    let _senders: Vec<TcpStream> = (0..SENDERS)
        .map(|_| {
            let mut sender = TcpStream::connect(billing.address()).unwrap();
            sender.write_all(head.as_bytes()).unwrap();
            sender
        })
        .collect();
    assert_not_delayed(&billing).await;
}

/// Asserts that a delivery is faster than the deadlines of slow clients, which are 10 s and more.
async fn assert_not_delayed(billing: &Billing) {
    let event: Value = top_up(EMAIL, 100);
    let delivered = timeout(Duration::from_secs(8), billing.outcome_of(&event));
    assert_eq!(delivered.await.expect("the delivery is not delayed"), "applied");
}

fn connect_and_send(billing: &Billing, text: &str) -> TcpStream {
    let mut client = TcpStream::connect(billing.address()).expect("the program listens");
    // The longest time that any step takes on a busy machine.
    client.set_read_timeout(Some(Duration::from_secs(60))).expect("the timeout is valid");
    client.write_all(text.as_bytes()).expect("the program reads");
    client
}

#[test]
fn a_connection_without_a_complete_head_is_closed() {
    let billing = Billing::start(&Store::sqlite());
    let heads = ["", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /healthz HTTP/1.1\r\nhost: "];
    let clients = heads.map(|head| {
        let mut client = connect_and_send(&billing, head);
        thread::spawn(move || {
            // A reset if the program has not read all that was sent.
            match client.read_to_end(&mut Vec::new()) {
                Err(error) if error.kind() != ErrorKind::ConnectionReset => Err(error),
                _ => Ok(()),
            }
        })
    });
    for (client, head) in clients.into_iter().zip(heads) {
        let closed = client.join().expect("the client does not panic");
        assert!(closed.is_ok(), "{head:?}: {closed:?}");
    }
}

#[tokio::test]
async fn slow_clients_do_not_use_up_the_file_descriptors() {
    let form = "POST /admin/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\ntoken=";
    for sent in ["", "GET /healthz HTTP/1.1\r\nhost: ", form] {
        let setup = Setup::new(&Store::sqlite()).with("STRIPE_WEBHOOK_SECRET", SECRET);
        let billing = setup.start_with_descriptors(256);
        let _clients: Vec<_> = (0..300).map(|_| connect_and_send(&billing, sent)).collect();
        for _ in 0..3 {
            assert_not_delayed(&billing).await;
        }
    }
}

fn limit_descriptors(billing: &Billing, descriptors: u32) {
    let arguments = [format!("--pid={}", billing.pid()), format!("--nofile={descriptors}:")];
    let status = Command::new("prlimit").args(&arguments).status().expect("`prlimit` starts");
    assert!(status.success(), "{arguments:?}");
}

fn get_health(client: &mut TcpStream) -> String {
    let head = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    client.write_all(head.as_bytes()).expect("the program reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let mut byte = [0];
        client.read_exact(&mut byte).expect("an answer");
        answer.extend(byte);
    }
    String::from_utf8(answer).expect("the answer is text")
}

#[test]
fn a_program_without_free_file_descriptors_serves_again_later() {
    let mut billing = Billing::start(&Store::sqlite());
    let mut idle = connect_and_send(&billing, "");
    assert!(get_health(&mut idle).starts_with("HTTP/1.1 200 "));
    limit_descriptors(&billing, 1);
    let mut waiting = connect_and_send(&billing, "");
    // The program cannot accept it, and closes an idle connection to have room.
    assert_eq!(idle.read(&mut [0]).expect("the end"), 0);
    limit_descriptors(&billing, 1024);
    assert!(get_health(&mut waiting).starts_with("HTTP/1.1 200 "));
    drop(waiting);
    let (_, log) = billing.stop();
    assert!(log.contains("cannot accept a connection"), "{log}");
}

#[test]
fn the_answer_to_a_rejected_head_arrives_though_the_body_follows() {
    let billing = Billing::start(&Store::sqlite());
    for (path, status) in [("/api/v1/webhooks/stripe", "400"), ("/nothing", "404")] {
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n");
        let mut client = connect_and_send(&billing, &head);
        // The answer is on its way before the body is.
        client.peek(&mut [0]).expect("an answer");
        client.write_all(&vec![b'x'; 1_000_000]).expect("the program reads the body");
        client.shutdown(Shutdown::Write).expect("the connection is open");
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}
