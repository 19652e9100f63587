//! A body in any frames, with pauses and an early end, through the service: the same result as `verify` of the whole.

#![no_main]

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::Full;
use libfuzzer_sys::fuzz_target;
use tower_layer::Layer;
use tower_service::Service;
use tower_stripe_webhook::{
    Rejection, RejectionKind, StripeWebhookLayer, Tolerance, VerifiedEvent,
    test_util::{FixedClock, sign},
    verify,
};
use tower_stripe_webhook_fuzz::{now, secret};

const LIMIT: usize = 256;

#[derive(Arbitrary, Clone, Debug)]
enum Step {
    Data(Vec<u8>),
    Trailers,
    Pause,
    Fail,
}

#[derive(Arbitrary, Debug)]
struct Input {
    steps: Vec<Step>,
    signs_another_body: bool,
}

struct Steps(std::vec::IntoIter<Step>);

impl Body for Steps {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(match self.0.next() {
            None => None,
            Some(Step::Data(data)) => Some(Ok(Frame::data(data.into()))),
            Some(Step::Trailers) => Some(Ok(Frame::trailers(Default::default()))),
            Some(Step::Fail) => Some(Err(io::ErrorKind::ConnectionReset.into())),
            Some(Step::Pause) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }
}

/// The inner service, which gets the same bytes as the body.
#[derive(Clone)]
struct Handler;

impl Service<Request<Full<Bytes>>> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let event = request
            .extensions()
            .get::<VerifiedEvent>()
            .expect("only verified events arrive")
            .clone();
        let mut response = Response::new(request.into_body());
        response.extensions_mut().insert(event);
        ready(Ok(response))
    }
}

fuzz_target!(|input: Input| {
    let whole: Vec<u8> = input
        .steps
        .iter()
        .take_while(|step| !matches!(step, Step::Fail))
        .filter_map(|step| if let Step::Data(data) = step { Some(data.as_slice()) } else { None })
        .flatten()
        .copied()
        .collect();
    let fails = input.steps.iter().any(|step| matches!(step, Step::Fail));
    let signed: &[u8] = if input.signs_another_body { b"another body" } else { &whole };
    let header = sign(signed, &secret(), now());

    let layer = StripeWebhookLayer::new(secret())
        .with_clock(FixedClock::new(now()))
        .with_max_body_size(LIMIT)
        .without_body_timeout();
    let mut service = layer.layer(Handler);
    let request = Request::post("/")
        .header("stripe-signature", &header)
        .body(Steps(input.steps.into_iter()))
        .expect("a valid request");
    let response = run(service.call(request)).expect("infallible");

    let expected = verify(&header, whole.clone(), &secret().into(), now(), Tolerance::default());
    let kind = response.extensions().get::<Rejection>().map(Rejection::kind);
    match kind {
        None => {
            assert_eq!(
                response.extensions().get::<VerifiedEvent>().map(|event| event.id()),
                Some(expected.unwrap().id())
            );
            assert!(!fails && whole.len() <= LIMIT);
        }
        Some(RejectionKind::BodyTooLarge) => assert!(whole.len() > LIMIT),
        Some(RejectionKind::BodyIncomplete) => assert!(fails && whole.len() <= LIMIT),
        Some(kind) => {
            assert!(!fails && whole.len() <= LIMIT);
            assert_eq!(kind, expected.unwrap_err().kind());
        }
    }
});

fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}
