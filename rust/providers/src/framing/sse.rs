//! Server-sent events, as far as LLM services use them: the `data:` lines.

use llm_switch_types::{Error, ErrorKind, Result};
use memchr::memchr;

/// The longest line that is kept. The largest honest ones hold an image.
const MAX_LINE: usize = 16 << 20;

/// Cuts a stream of bytes, in pieces of any size, into the contents of its
/// `data:` lines.
///
/// It works on bytes up to the line feed and leaves decoding to whoever sees
/// a whole line, so a character cut in two by the network is never seen cut.
/// Event names are left out: every dialect repeats them in the data.
#[derive(Debug, Default)]
pub(crate) struct SseReader {
    partial: Vec<u8>,
}

impl SseReader {
    /// Take the next BYTES and hand each complete data line to EACH.
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
                data(head).map_or(Ok(()), &mut each)?;
            } else {
                self.keep(head)?;
                let line = std::mem::take(&mut self.partial);
                data(&line).map_or(Ok(()), &mut each)?;
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
        data(&line).map_or(Ok(()), &mut each)
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

/// The content of a `data:` line; `None` for comments, names and blank lines.
fn data(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let content = line.strip_prefix(b"data:")?.trim_ascii();
    (!content.is_empty()).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut reader = SseReader::default();
        let mut lines = Vec::new();
        let mut keep = |line: &[u8]| {
            lines.push(String::from_utf8(line.to_vec()).unwrap());
            Ok(())
        };
        for piece in pieces {
            reader.push(piece, &mut keep).unwrap();
        }
        reader.finish(&mut keep).unwrap();
        lines
    }

    #[test]
    fn any_cut_gives_the_same_lines() {
        let stream = ": hi\r\n\r\ndata: {\"é\":1}\r\nevent: x\ndata:2\n\ndata: [DONE]".as_bytes();
        let whole = read(&[stream]);
        assert_eq!(whole, ["{\"é\":1}", "2", "[DONE]"]);
        for cut in 0..=stream.len() {
            assert_eq!(read(&[&stream[..cut], &stream[cut..]]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(&bytes), whole);
    }

    #[test]
    fn an_endless_line_is_an_error_and_is_not_kept() {
        let mut reader = SseReader::default();
        let piece = vec![b'x'; 1 << 20];
        let error = (0..17).find_map(|_| reader.push(&piece, |_| Ok(())).err()).unwrap();
        assert_eq!(error.kind, ErrorKind::Protocol);
        assert_eq!(reader.partial.capacity(), 0);
    }
}
