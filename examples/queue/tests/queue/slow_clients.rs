//! Clients that are silent, or send slowly, do not delay Stripe.

use axum::http::{StatusCode, Uri};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{database::Database, in_time, program::Program, shop::Shop, stripe::deliver};

async fn connect_and_send(program: &Program, text: &str) -> TcpStream {
    let authority = program.url.parse::<Uri>().unwrap().authority().unwrap().to_string();
    let mut client = in_time("the connection", TcpStream::connect(authority)).await.unwrap();
    client.write_all(text.as_bytes()).await.unwrap();
    client
}

async fn serve(database: &Database) -> Program {
    Program::start(&["serve"], database, &Shop::open().await, &[]).await
}

#[tokio::test]
async fn a_connection_without_a_complete_head_is_closed() {
    let database = Database::sqlite().await;
    let program = serve(&database).await;
    let heads = ["", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST / HTTP/1.1\r\nhost: "];
    join_all(heads.map(async |head| {
        let mut client = connect_and_send(&program, head).await;
        let mut sent = Vec::new();
        // A reset if the program has not read all that was sent.
        let _ = in_time("the close", client.read_to_end(&mut sent)).await;
        assert!(!sent.starts_with(b"HTTP/1.1 200"), "{head:?}");
    }))
    .await;
    program.stop().await;
}

#[tokio::test]
async fn silent_clients_do_not_use_up_the_file_descriptors() {
    let database = Database::sqlite().await;
    let program = Program::serve_with_descriptors(256, &database).await;
    let _clients: Vec<_> = join_all((0..300).map(|_| connect_and_send(&program, ""))).await;
    for event in ["evt_1", "evt_2", "evt_3"] {
        assert_eq!(deliver(event, &program).await, StatusCode::OK);
    }
    program.stop().await;
}

#[tokio::test]
async fn the_answer_to_a_rejected_head_arrives_though_the_body_follows() {
    let database = Database::sqlite().await;
    let program = serve(&database).await;
    let head = "POST /api/v1/webhooks/stripe HTTP/1.1\r\nhost: localhost\r\n\
                content-length: 1000000\r\n\r\n";
    let mut client = connect_and_send(&program, head).await;
    // The answer is on its way before the body is.
    in_time("the answer", client.peek(&mut [0])).await.unwrap();
    client.write_all(&vec![b'x'; 1_000_000]).await.unwrap();
    let mut answer = String::new();
    in_time("the end", client.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    drop(client);
    program.stop().await;
}
