//! A MAC over text that is printed in small pieces.

use crate::signature::{PayloadMac, Signature};

/// The size of the buffer. A MAC that is fed byte by byte takes 40 times as long.
const BUFFER_SIZE: usize = 4096;

/// A MAC with a buffer that collects small pieces.
#[derive(Clone)]
pub(super) struct BufferedMac {
    mac: PayloadMac,
    buffer: Vec<u8>,
}

impl BufferedMac {
    pub(super) fn new(mac: PayloadMac) -> Self {
        Self { mac, buffer: Vec::new() }
    }

    pub(super) fn update(&mut self, piece: &[u8]) {
        if self.buffer.len() + piece.len() > BUFFER_SIZE {
            self.flush();
        }
        if piece.len() > BUFFER_SIZE {
            self.mac.update(piece);
        } else {
            self.buffer.extend_from_slice(piece);
        }
    }

    pub(super) fn finish(mut self) -> Signature {
        self.flush();
        self.mac.finish()
    }

    fn flush(&mut self) {
        self.mac.update(&self.buffer);
        self.buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::PreparedKey;

    #[test]
    fn pieces_of_any_size_are_fed_in_order() {
        let bytes: Vec<u8> =
            (0..20_000_u32).map(|n| n.to_be_bytes()[3] ^ n.to_be_bytes()[2]).collect();
        let start = || PreparedKey::new("whsec_test").start(b"1");
        let mut whole = start();
        whole.update(&bytes);
        let whole = whole.finish();
        for size in [1, 2, 7, 1000, 4095, 4096, 4097, 20_000] {
            let mut mac = BufferedMac::new(start());
            bytes.chunks(size).for_each(|piece| mac.update(piece));
            assert_eq!(mac.finish(), whole, "{size}");
        }
        let mut mac = BufferedMac::new(start());
        for piece in
            [&bytes[..10], &bytes[10..10_000], &bytes[10_000..10_001], &[], &bytes[10_001..]]
        {
            mac.update(piece);
        }
        assert_eq!(mac.finish(), whole);
    }

    #[test]
    fn the_buffer_is_bounded() {
        let mut mac = BufferedMac::new(PreparedKey::new("whsec_test").start(b"1"));
        for _ in 0..100_000 {
            mac.update(b"\r\n");
            assert!(mac.buffer.len() <= BUFFER_SIZE);
        }
    }
}
