//! The header `X-Request-Id`, which is logged and sent back.

use axum::http::{HeaderName, HeaderValue, Request};

const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is accepted, in bytes.
const MAX_LENGTH: usize = 128;

/// Removes an id of the client that is too long or has other than visible ASCII characters, so that
/// the request gets a new one.
pub fn remove_invalid<B>(mut request: Request<B>) -> Request<B> {
    let mut ids = request.headers().get_all(NAME).iter();
    let is_valid = ids.next().is_none_or(is_valid) && ids.next().is_none();
    if !is_valid {
        request.headers_mut().remove(NAME);
    }
    request
}

fn is_valid(id: &HeaderValue) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remains(ids: &[&[u8]]) -> bool {
        let mut request = Request::new(());
        for id in ids {
            request.headers_mut().append(NAME, HeaderValue::from_bytes(id).unwrap());
        }
        remove_invalid(request).headers().contains_key(NAME)
    }

    #[test]
    fn an_id_has_1_to_128_visible_ascii_characters() {
        for id in [&b"!"[..], b"~", b"from-the-proxy", b"{\"a\":1}", &[b'x'; 128]] {
            assert!(remains(&[id]), "{id:?}");
        }
        for id in [&b""[..], b"two words", b"tab\there", "zo\u{eb}".as_bytes(), &[b'x'; 129]] {
            assert!(!remains(&[id]), "{id:?}");
        }
    }

    #[test]
    fn a_request_has_one_id() {
        assert!(!remains(&[b"first", b"second"]));
        assert!(!remains(&[]));
    }
}
