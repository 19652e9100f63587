//! Queries of lists.

use std::time::{Duration, SystemTime};

use super::percent::encode;

/// The query of a list, such as the customers or the events of an account.
///
/// Each value is percent-encoded, so none can add a parameter or change the path. The form of a time
/// is that of the path to which the query belongs: Unix seconds below `/v1/`, RFC 3339 below `/v2/`.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::api::{ApiRequest, ListQuery};
///
/// let query = ListQuery::new().with_limit(100).with("customer", "cus_1").with("status", "all");
/// let request = ApiRequest::new("/v1/subscriptions")?.with_query(query);
/// assert_eq!(request.query().as_deref(), Some("limit=100&customer=cus_1&status=all"));
/// # Ok::<(), tower_stripe_webhook::api::InvalidPath>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ListQuery(Vec<(Box<str>, Value)>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Value {
    Text(Box<str>),
    Time(SystemTime),
}

impl ListQuery {
    /// Makes a query without parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximal number of objects of a page. Stripe accepts 1 to 100, and defaults to 10 or
    /// 20.
    #[must_use]
    pub fn with_limit(self, limit: u8) -> Self {
        self.with("limit", &limit.to_string())
    }

    /// Lists objects that were created at this time or later: `created[gte]`.
    #[must_use]
    pub fn with_created_from(self, from: SystemTime) -> Self {
        self.push("created[gte]", Value::Time(from))
    }

    /// Lists objects that were created before this time: `created[lt]`.
    #[must_use]
    pub fn with_created_before(self, until: SystemTime) -> Self {
        self.push("created[lt]", Value::Time(until))
    }

    /// Lists the page after an object, which is older: `starting_after` of API v1.
    #[must_use]
    pub fn with_starting_after(self, id: &str) -> Self {
        self.with("starting_after", id)
    }

    /// Lists the page before an object, which is newer: `ending_before` of API v1.
    #[must_use]
    pub fn with_ending_before(self, id: &str) -> Self {
        self.with("ending_before", id)
    }

    /// Adds any other parameter. An array has one for each element, such as `types[]`.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.push(name, Value::Text(value.into()))
    }

    fn push(mut self, name: &str, value: Value) -> Self {
        self.0.push((name.into(), value));
        self
    }

    /// Reads the query of a page's URL, which API v2 states in `next_page_url` and
    /// `previous_page_url`.
    ///
    /// `None` if the URL is not one of the list at `path`.
    #[must_use]
    pub fn from_page_url(url: &str, path: &str) -> Option<Self> {
        // API v2 documents a path; a URL with a host is accepted, and the host ignored.
        let start = if url.starts_with('/') { 0 } else { url.find("://")? + "://".len() };
        let (url_path, query) = url[start..].split_once('?')?;
        if !(url_path == path || start > 0 && url_path.split_once('/')?.1 == path.get(1..)?) {
            return None;
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?.into(), Value::Text(decode(value)?.into())))
        });
        Some(Self(pairs.collect::<Option<_>>()?))
    }

    /// Returns the text of the query, without the question mark.
    pub(super) fn text(&self, path: &str) -> String {
        let mut text = String::new();
        for (name, value) in &self.0 {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(&encode(name));
            text.push('=');
            match value {
                Value::Text(value) => text.push_str(&encode(value)),
                Value::Time(time) => text.push_str(&encode(&time_text(*time, path))),
            }
        }
        text
    }
}

fn time_text(time: SystemTime, path: &str) -> String {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if path.starts_with("/v2/") {
        let time = SystemTime::UNIX_EPOCH + since_1970.min(LAST_RFC_3339);
        humantime::format_rfc3339_millis(time).to_string()
    } else {
        since_1970.as_secs().to_string()
    }
}

/// The last second of the year 9999, after 1970.
const LAST_RFC_3339: Duration = Duration::from_secs(253_402_300_799);

fn decode(part: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_add_a_parameter() {
        let query = ListQuery::new().with("a&b", "c=d&e#/../?é").with("types[]", "x");
        assert_eq!(query.text("/v1/events"), "a%26b=c%3Dd%26e%23%2F..%2F%3F%C3%A9&types%5B%5D=x");
    }

    #[test]
    fn a_time_has_the_form_of_the_version_of_the_path() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_447_000_250);
        let query = ListQuery::new().with_created_from(time).with_created_before(time);
        assert_eq!(
            query.text("/v1/events"),
            "created%5Bgte%5D=1795447000&created%5Blt%5D=1795447000"
        );
        assert!(query.text("/v2/core/events").contains("gte%5D=2026-11-23T15%3A16%3A40.250Z&"));
        let before_1970 = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        let query = ListQuery::new().with_created_from(before_1970);
        assert_eq!(query.text("/v1/events"), "created%5Bgte%5D=0");
        assert_eq!(query.text("/v2/x"), "created%5Bgte%5D=1970-01-01T00%3A00%3A00.000Z");
        let late = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        let query = ListQuery::new().with_created_from(late);
        assert_eq!(query.text("/v2/x"), "created%5Bgte%5D=9999-12-31T23%3A59%3A59.000Z");
    }

    #[test]
    fn the_url_of_a_page_must_belong_to_the_list() {
        const PATH: &str = "/v2/core/events";
        let text = |url| Some(ListQuery::from_page_url(url, PATH)?.text(PATH));
        let expected = Some("page=a%2Bb&limit=2".to_owned());
        assert_eq!(text("/v2/core/events?page=a%2Bb&limit=2"), expected);
        assert_eq!(text("https://api.stripe.com/v2/core/events?page=a%2Bb&limit=2"), expected);
        for url in [
            "",
            "/v2/core/events",
            "/v2/core/accounts?page=1",
            "/v2/core/events/../accounts?page=1",
            "//v2/core/events?page=1",
            "v2/core/events?page=1",
            "https://stripe.example/x/v2/core/events?page=1",
            "/v2/core/events?page=%2",
            "/v2/core/events?page=%ff",
            "/v2/core/events?page=%é",
        ] {
            assert_eq!(text(url), None, "{url}");
        }
    }
}
