//! JSON values, one a line.

use super::Lines;
use llm_switch_types::Result;

/// Cuts a stream of bytes into its lines that are not blank.
#[derive(Debug, Default)]
pub(crate) struct NdjsonReader(Lines);

impl NdjsonReader {
    /// Take the next BYTES and hand each complete line to EACH.
    ///
    /// # Errors
    /// As [`Lines::push`].
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.0.push(bytes, |line| content(line).map_or(Ok(()), &mut each))
    }

    /// The stream has ended: a last line may lack its line feed.
    ///
    /// # Errors
    /// Those of EACH.
    pub(crate) fn finish(&mut self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.0.finish(|line| content(line).map_or(Ok(()), &mut each))
    }
}

fn content(line: &[u8]) -> Option<&[u8]> {
    Some(line.trim_ascii()).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_gives_the_same_lines() {
        let stream = "{\"é\":1}\r\n\n {} \n[2]".as_bytes();
        for cut in 0..=stream.len() {
            let (mut reader, mut lines) = (NdjsonReader::default(), Vec::new());
            let mut keep = |line: &[u8]| {
                lines.push(String::from_utf8(line.to_vec()).unwrap());
                Ok(())
            };
            reader.push(&stream[..cut], &mut keep).unwrap();
            reader.push(&stream[cut..], &mut keep).unwrap();
            reader.finish(&mut keep).unwrap();
            assert_eq!(lines, ["{\"é\":1}", "{}", "[2]"], "cut at {cut}");
        }
    }
}
