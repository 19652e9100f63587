//! The thin events of samples.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::table::parse;
use crate::test_util::thin_twin;

/// Makes the thin event of the same fact as a snapshot event.
pub(super) fn twin_of(snapshot: &str) -> Value {
    parse(&thin_twin(snapshot))
}

/// Makes a thin event of a type that only thin events have.
pub(super) fn of(id: &str, event_type: &str, object: Option<&Value>) -> Value {
    json!({
        "id": id, "object": "v2.core.event", "type": event_type, "created": time(1_795_447_000),
        "livemode": false, "context": null, "reason": null,
        "related_object": object.map(|object| json!({
            "id": object["id"], "type": object["object"], "url": url(object),
        })),
    })
}

pub(super) fn time(seconds: i64) -> Option<String> {
    /// 9999-12-31T23:59:59Z.
    const MAX: u64 = 253_402_300_799;

    let seconds = u64::try_from(seconds).ok().filter(|&seconds| seconds <= MAX)?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    Some(humantime::format_rfc3339_millis(time).to_string())
}

fn url(object: &Value) -> String {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let (object_type, id) = (text("object"), text("id"));
    match object_type {
        "v2.core.account_person" => format!("/v2/core/accounts/{}/persons/{id}", text("account")),
        "v2.commerce.product_catalog_import" => {
            format!("/v2/commerce/product_catalog/imports/{id}")
        }
        _ => {
            let path = object_type.replace('.', "/");
            let prefix = if path.starts_with("v2/") { "" } else { "v1/" };
            format!("/{prefix}{path}s/{id}")
        }
    }
}
