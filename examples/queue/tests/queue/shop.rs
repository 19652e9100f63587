//! The fulfilment service, with answers that the test sets.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use crate::in_time;

pub struct Shop {
    pub url: String,
    calls: mpsc::UnboundedReceiver<Call>,
}

/// A request that waits for its answer.
pub struct Call {
    /// The `Idempotency-Key`.
    pub event_key: String,
    pub body: String,
    answer: oneshot::Sender<StatusCode>,
}

impl Shop {
    pub async fn open() -> Self {
        let (calls, called) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let url = format!(
            "http://{}/fulfil",
            listener.local_addr().expect("the listener has an address")
        );
        let app = Router::new().route("/fulfil", post(fulfil)).with_state(calls);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, calls: called }
    }

    /// Waits for the next call.
    pub async fn next(&mut self) -> Call {
        in_time("a call of the shop", self.calls.recv()).await.expect("the shop is open")
    }

    /// Answers `200` from now on, including the pending request.
    pub fn answer_everything(mut self) {
        tokio::spawn(async move {
            while let Some(call) = self.calls.recv().await {
                let _ = call.answer.send(StatusCode::OK);
            }
        });
    }
}

impl Call {
    pub fn answer(self, status: StatusCode) {
        self.answer.send(status).expect("the caller still waits");
    }
}

async fn fulfil(
    State(calls): State<mpsc::UnboundedSender<Call>>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    let event_key = headers["idempotency-key"].to_str().expect("an id is ASCII").to_owned();
    let (answer, answered) = oneshot::channel();
    calls.send(Call { event_key, body, answer }).expect("the test has not ended");
    answered.await.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
