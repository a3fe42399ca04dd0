//! Lines of a byte stream, in pieces of any size.

use llm_switch_types::{Error, ErrorKind, Result};
use memchr::memchr;

/// The longest line that is kept. The largest honest ones hold an image.
const MAX_LINE: usize = 16 << 20;

/// Cuts a stream of bytes into lines.
///
/// It works on bytes up to the line feed and leaves decoding to whoever sees
/// a whole line, so a character cut in two by the network is never seen cut.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Take the next BYTES and hand each complete line to EACH.
    ///
    /// # Errors
    /// Those of EACH, and [`ErrorKind::Protocol`] for an endless line.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        while let Some(end) = memchr(b'\n', bytes) {
            let (head, rest) = (&bytes[..end], &bytes[end + 1..]);
            if self.partial.is_empty() {
                each(head)?;
            } else {
                self.keep(head)?;
                each(&std::mem::take(&mut self.partial))?;
            }
            bytes = rest;
        }
        self.keep(bytes)
    }

    /// The stream has ended: a last line may lack its line feed.
    ///
    /// # Errors
    /// Those of EACH.
    pub(crate) fn finish(&mut self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let line = std::mem::take(&mut self.partial);
        if line.is_empty() { Ok(()) } else { each(&line) }
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<()> {
        if self.partial.len() + bytes.len() > MAX_LINE {
            self.partial = Vec::new();
            let what = format!("the answer holds a line of more than {} MB", MAX_LINE >> 20);
            return Err(Error::new(ErrorKind::Protocol, what)
                .advise("This is not an LLM service, or it is broken: check its base-url"));
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_line_is_an_error_and_is_not_kept() {
        let mut lines = Lines::default();
        let piece = vec![b'x'; 1 << 20];
        let error = (0..17).find_map(|_| lines.push(&piece, |_| Ok(())).err()).unwrap();
        assert_eq!(error.kind, ErrorKind::Protocol);
        assert_eq!(lines.partial.capacity(), 0);
    }
}
