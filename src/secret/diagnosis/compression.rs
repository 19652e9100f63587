//! Detection of compressed bodies by their magic numbers. Brotli has none.

use super::MismatchDiagnosis;

pub(super) fn compression(body: &[u8]) -> Option<MismatchDiagnosis> {
    match body {
        [0x1f, 0x8b, ..] => Some(MismatchDiagnosis::GzipCompressed),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(MismatchDiagnosis::ZstdCompressed),
        // The zlib format (RFC 1950) with the usual window of 32 KiB, at each level.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(MismatchDiagnosis::DeflateCompressed),
        _ => None,
    }
}
