//! Server-sent events, as far as LLM services use them: the `data:` lines.

use super::Lines;
use llm_switch_types::Result;

/// Cuts a stream of bytes into the contents of its `data:` lines.
///
/// Event names are left out: every dialect repeats them in the data.
#[derive(Debug, Default)]
pub(crate) struct SseReader(Lines);

impl SseReader {
    /// Take the next BYTES and hand each complete data line to EACH.
    ///
    /// # Errors
    /// As [`Lines::push`].
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.0.push(bytes, |line| data(line).map_or(Ok(()), &mut each))
    }

    /// The stream has ended: a last line may lack its line feed.
    ///
    /// # Errors
    /// Those of EACH.
    pub(crate) fn finish(&mut self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.0.finish(|line| data(line).map_or(Ok(()), &mut each))
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
}
