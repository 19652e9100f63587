//! Requests whose body never arrives do not delay Stripe.

use std::{
    io::Write,
    net::TcpStream,
    time::{Duration, SystemTime},
};

use tokio::time::timeout;

use crate::harness::{Billing, Store, events::*};

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
    // A body has 10 s to arrive: a delivery that waited for one of these would take longer.
    let event = top_up(EMAIL, 100);
    let delivered = timeout(Duration::from_secs(8), billing.outcome_of(&event));
    assert_eq!(delivered.await.expect("the delivery is not delayed"), "applied");
}
