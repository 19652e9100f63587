//! The `Stripe-Signature` header, against a naive reference of the rules.
//!
//! The input is a header in which `S` stands for the right signature, `X` for one of another body, and every other byte
//! for itself, so that valid headers are reached quickly.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_stripe_webhook::{RejectionKind, Tolerance, verify_signature};
use tower_stripe_webhook_fuzz::{TIMESTAMP, hex, mac, now, secret};

const BODY: &[u8] = b"{}";
const TOLERANCE: u64 = 300;

fuzz_target!(|input: &[u8]| {
    let timestamp = first_timestamp(input).unwrap_or_default();
    let mut header = Vec::new();
    for byte in input {
        match byte {
            b'S' => header.extend(hex(&mac(timestamp, BODY)).as_bytes()),
            b'X' => header.extend(hex(&mac(timestamp, b"another body")).as_bytes()),
            b'T' => header.extend(TIMESTAMP.to_string().as_bytes()),
            _ => header.push(*byte),
        }
    }
    // `T` changes the timestamp that the signatures cover.
    let input = header;
    let timestamp = first_timestamp(&input).unwrap_or_default().to_vec();
    let right = hex(&mac(&timestamp, BODY));

    let tolerance = Tolerance::from(std::time::Duration::from_secs(TOLERANCE));
    let result = verify_signature(&input, BODY, &secret().into(), now(), tolerance);
    let result = result.map(|_| ()).map_err(|rejection| rejection.kind());
    assert_eq!(result, reference(&input, &right), "{}", String::from_utf8_lossy(&input));
});

fn parts(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    header.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

fn first_timestamp(header: &[u8]) -> Option<&[u8]> {
    parts(header).find_map(|part| part.strip_prefix(b"t="))
}

/// The rules, as facts/signature.md and the documentation state them.
fn reference(header: &[u8], right: &str) -> Result<(), RejectionKind> {
    if header.trim_ascii().is_empty() {
        return Err(RejectionKind::MissingSignatureHeader);
    }
    let values =
        |name: &'static [u8]| parts(header).filter_map(move |part| part.strip_prefix(name));
    let times: Vec<&[u8]> = values(b"t=").collect();
    let signatures: Vec<String> = values(b"v1=")
        .filter(|value| value.len() == 64 && value.iter().all(u8::is_ascii_hexdigit))
        .map(|value| String::from_utf8_lossy(value).to_ascii_lowercase())
        .collect();
    let is_time =
        |time: &&[u8]| (1..=12).contains(&time.len()) && time.iter().all(u8::is_ascii_digit);
    let is_well_formed = header.len() <= 4096
        && times.len() == 1
        && times.iter().all(is_time)
        && (1..=16).contains(&signatures.len());
    if !is_well_formed {
        return Err(RejectionKind::MalformedSignatureHeader);
    }
    let time: u64 = String::from_utf8_lossy(times[0]).parse().expect("at most 12 digits");
    if time.abs_diff(TIMESTAMP) > TOLERANCE {
        return Err(RejectionKind::TimestampOutsideTolerance);
    }
    if signatures.iter().any(|signature| signature == right) {
        Ok(())
    } else {
        Err(RejectionKind::SignatureMismatch)
    }
}
