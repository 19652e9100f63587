//! Queries of lists.

use crate::api::percent::encode;

/// The parameters of a query, decoded: `created[gte]=1` is `("created[gte]", "1")`.
///
/// An array has one entry for each element, with a name such as `types`, `types[]` or `types[0]`.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// Returns the last value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns the elements of an array.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let is_element = |own: &str| {
            own.strip_prefix(name).is_some_and(|rest| {
                let index = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                rest.is_empty()
                    || index.is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
            })
        };
        let mut values: Vec<&str> = Vec::new();
        for (_, value) in self.0.iter().filter(|(own, _)| is_element(own)) {
            // A library repeats its parameters when it follows the URL of a page.
            if !values.contains(&value.as_str()) {
                values.push(value);
            }
        }
        values
    }

    /// Returns the query with another value of a parameter.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let others = self.0.iter().filter(|(own, _)| own != name);
        let mut text: Vec<_> =
            others.map(|(own, value)| format!("{}={}", encode(own), encode(value))).collect();
        text.dedup();
        text.push(format!("{}={}", encode(name), encode(value)));
        text.join("&")
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = text.get(index + 1..index + 3).filter(|_| byte == b'%');
        match (byte, escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (_, Some(escaped)) => {
                decoded.push(escaped);
                index += 3;
            }
            (b'+', None) => {
                decoded.push(b' ');
                index += 1;
            }
            (byte, None) => {
                decoded.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let query = Query::parse("created%5Bgte%5D=1&limit=2&limit=3&a=%&b=x+y%2");
        assert_eq!(query.get("created[gte]"), Some("1"));
        assert_eq!(query.get("limit"), Some("3"));
        assert_eq!((query.get("a"), query.get("b")), (Some("%"), Some("x y%2")));
        assert_eq!(query.get("other"), None);
    }

    #[test]
    fn arrays_have_any_form_and_each_value_once() {
        let query = Query::parse("types[]=a&types%5B1%5D=b&types=c&types[]=a&types[x]=d&typesof=e");
        assert_eq!(query.all("types"), ["a", "b", "c"]);
    }

    #[test]
    fn a_query_with_another_value_is_parsed_to_the_same() {
        let query = Query::parse("types[0]=v1.a&created[gt]=2026-01-01T00%3A00%3A00Z&page=1");
        let next = Query::parse(&query.with("page", "2"));
        assert_eq!(next.get("page"), Some("2"));
        assert_eq!(next.get("created[gt]"), Some("2026-01-01T00:00:00Z"));
        assert_eq!(next.all("types"), ["v1.a"]);
    }
}
