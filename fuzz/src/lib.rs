//! What the fuzz targets share: the time, a signing secret, and independent readings of JSON and signatures.

use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;
use sha2::Sha256;
use tower_stripe_webhook::SigningSecret;

pub const SECRET: &str = "whsec_fuzzing_0123456789abcdefghijkl";
pub const TIMESTAMP: u64 = 1_795_447_015;

pub fn secret() -> SigningSecret {
    SigningSecret::new(SECRET).expect("a valid secret")
}

pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(TIMESTAMP)
}

/// The HMAC of Stripe's scheme, computed without the crate.
pub fn mac(timestamp: &[u8], body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length is a key");
    mac.update(timestamp);
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A JSON object with its members in order and with repeated names, which `Value` merges.
pub struct Members(pub Vec<(String, Value)>);

impl Members {
    /// `None` if the text is no JSON object that `serde_json` reads.
    pub fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The only member of this name. `None` if there is none, or more than one.
    pub fn only(&self, name: &str) -> Option<&Value> {
        let mut found = self.0.iter().filter(|(found, _)| found == name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }

    pub fn repeats_a_name(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.iter().filter(|(found, _)| found == name).count() > 1)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}
