//! What a server writes to its standard error.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The longest line in bytes that is kept; what follows in it is dropped.
const LONGEST: usize = 4096;

/// Read SOURCE to its end and hand each line to TELL, as fast as they come:
/// a server whose standard error is not read stands still.
pub(crate) async fn read(source: impl AsyncRead + Unpin, tell: impl Fn(&str)) {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    while let Ok(piece) = source.fill_buf().await {
        if piece.is_empty() {
            break;
        }
        let end = memchr::memchr(b'\n', piece);
        let taken = &piece[..end.unwrap_or(piece.len())];
        line.extend_from_slice(&taken[..taken.len().min(LONGEST - line.len())]);
        let used = taken.len() + usize::from(end.is_some());
        source.consume(used);
        if end.is_some() {
            tell(String::from_utf8_lossy(&line).trim_end_matches('\r'));
            line.clear();
        }
    }
    if !line.is_empty() {
        tell(&String::from_utf8_lossy(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;

    async fn lines(text: &str) -> Vec<String> {
        let lines = Mutex::new(Vec::new());
        read(text.as_bytes(), |line| lines.lock().push(line.to_owned())).await;
        lines.into_inner()
    }

    #[tokio::test]
    async fn each_line_is_told_once_and_the_last_needs_no_end() {
        assert_eq!(lines("a\r\n\nlast").await, ["a", "", "last"]);
    }

    #[tokio::test]
    async fn a_line_without_end_does_not_fill_the_memory() {
        let told = lines(&format!("{}\nb\n", "x".repeat(100_000))).await;
        assert_eq!(told.iter().map(String::len).collect::<Vec<_>>(), [LONGEST, 1]);
    }
}
