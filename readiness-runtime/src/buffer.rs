//! Bytes put together piece by piece, quick in code that is built without optimisation.
//!
//! A trial's line of output is made of some six pieces, in test targets that nobody optimises. There
//! every piece that goes through `Vec::extend_from_slice` costs a few hundred instructions of generic
//! code; a copy into bytes that are there already costs a third.

/// Bytes that grow at the end.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// Longer than what was put: the rest is room.
    bytes: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// Adds `text`.
    pub(crate) fn put(&mut self, text: &str) {
        self.put_bytes(text.as_bytes());
    }

    /// Adds `more`.
    pub(crate) fn put_bytes(&mut self, more: &[u8]) {
        let end = self.len + more.len();
        if end > self.bytes.len() {
            self.grow(end);
        }
        self.bytes[self.len..end].copy_from_slice(more);
        self.len = end;
    }

    fn grow(&mut self, least: usize) {
        // Zeroed by the allocator: `resize` would write byte by byte where nothing is optimised.
        let mut bytes = vec![0; least.max(self.bytes.len() * 2).max(256)];
        bytes[..self.len].copy_from_slice(self.bytes());
        self.bytes = bytes;
    }

    /// What was put.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Takes what was put; the buffer is empty then.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.truncate(self.len);
        self.len = 0;
        bytes
    }
}

impl std::io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.put_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_stand_one_after_the_other() {
        let mut buffer = Buffer::default();
        for piece in ["a", "", " b ", &"ä".repeat(400)] {
            buffer.put(piece);
        }
        let expected = format!("a b {}", "ä".repeat(400));
        assert_eq!(buffer.bytes(), expected.as_bytes());
        assert_eq!(buffer.take(), expected.as_bytes());
        assert_eq!(buffer.bytes(), b"");
        buffer.put("again");
        assert_eq!(buffer.bytes(), b"again");
    }
}
