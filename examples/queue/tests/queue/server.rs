//! The output at startup, and the end after SIGTERM.

use axum::http::{StatusCode, Uri};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    database::Database,
    in_time,
    program::{Program, run},
    shop::Shop,
    stripe::deliver,
};

#[tokio::test]
async fn the_program_prints_the_commands_for_sending_events_to_it() {
    let (database, shop) = (Database::sqlite().await, Shop::open().await);
    let program = Program::start(&["serve"], &database, &shop, &[]).await;
    let uri: Uri = program.url.parse().unwrap();
    let address = uri.authority().unwrap().as_str();
    let expected = [
        format!("listening on http://{address}/api/v1/webhooks/stripe"),
        format!(
            "from Stripe:        stripe listen --events checkout.session.completed,\
             customer.subscription.created,customer.subscription.updated,\
             customer.subscription.deleted,invoice.paid,invoice.payment_failed \
             --forward-to {address}/api/v1/webhooks/stripe"
        ),
        format!(
            "without an account: API_PORT={} STRIPE_WEBHOOK_SECRET=<the same> cargo run --example send",
            uri.port().unwrap()
        ),
    ];
    assert_eq!(program.stop().await, expected);
}

#[tokio::test]
async fn a_program_without_a_secret_starts_and_names_the_variable() {
    let (database, shop) = (Database::sqlite().await, Shop::open().await);
    let settings = [("STRIPE_WEBHOOK_SECRET", "")];
    let program = Program::start(&["serve"], &database, &shop, &settings).await;
    assert_eq!(deliver("evt_1", &program).await, StatusCode::SERVICE_UNAVAILABLE);
    let printed = program.stop().await;
    let named = "all webhooks are answered 503: STRIPE_WEBHOOK_SECRET is not set";
    assert!(printed.last().unwrap().starts_with(named), "{printed:#?}");
}

#[tokio::test]
async fn sigterm_ends_a_program_in_the_middle_of_a_request() {
    let (database, shop) = (Database::sqlite().await, Shop::open().await);
    let program = Program::start(&["serve"], &database, &shop, &[]).await;
    let authority = program.url.parse::<Uri>().unwrap().authority().unwrap().to_string();
    let mut connection = in_time("the connection", TcpStream::connect(authority)).await.unwrap();
    connection.write_all(b"POST /api/v1/webhooks/stripe HTTP/1.1\r\nHost: ").await.unwrap();
    // An answer to another client shows that the program has accepted the half request before it.
    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);

    program.stop().await; // asserts the exit code
    drop(connection);
}

#[tokio::test]
async fn an_invalid_or_taken_port_ends_the_program_with_a_message() {
    let (database, shop) = (Database::sqlite().await, Shop::open().await);
    for port in ["http", "65536", "-1", ""] {
        let output = run(&["serve"], database.url(), &[("API_PORT", port)]).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains("API_PORT must be a port from 0 to 65535"), "{message}");
    }

    let program = Program::start(&["serve"], &database, &shop, &[]).await;
    let port = program.url.parse::<Uri>().unwrap().port().unwrap().to_string();
    let output = run(&["serve"], database.url(), &[("API_PORT", &port)]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{message}");
    program.stop().await;
}
