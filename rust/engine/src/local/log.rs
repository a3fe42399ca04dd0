//! What a server has said, as far back as is kept.

use parking_lot::Mutex;
use std::collections::VecDeque;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::Notify;

/// Lines that are kept; older ones are forgotten.
const KEPT: usize = 500;

/// Bytes after which a line is cut: somebody may print without line ends.
const LONGEST: usize = 4_096;

/// What a server has said, as far back as is kept.
#[derive(Default)]
pub(crate) struct Log {
    lines: Mutex<Lines>,
    grew: Notify,
}

#[derive(Default)]
struct Lines {
    kept: VecDeque<String>,
    /// How many were forgotten.
    forgotten: usize,
    is_closed: bool,
}

impl Log {
    /// Read PIPE to its end.
    pub(crate) async fn read(&self, mut pipe: impl AsyncRead + Unpin) {
        let (mut piece, mut line) = ([0; 4_096], Vec::new());
        while let Ok(length @ 1..) = pipe.read(&mut piece).await {
            for byte in &piece[..length] {
                if *byte == b'\n' || line.len() == LONGEST {
                    self.add(&line);
                    line.clear();
                }
                if *byte != b'\n' {
                    line.push(*byte);
                }
            }
            self.grew.notify_waiters();
        }
        if !line.is_empty() {
            self.add(&line);
        }
        self.grew.notify_waiters();
    }

    fn add(&self, line: &[u8]) {
        let mut lines = self.lines.lock();
        if lines.kept.len() == KEPT {
            lines.kept.pop_front();
            lines.forgotten += 1;
        }
        lines.kept.push_back(String::from_utf8_lossy(line).trim_end().to_owned());
    }

    /// Nothing more will be said.
    pub(crate) fn close(&self) {
        self.lines.lock().is_closed = true;
        self.grew.notify_waiters();
    }

    /// The last COUNT lines, oldest first, and how many were said in all.
    pub(crate) fn last(&self, count: usize) -> (Vec<String>, usize) {
        let lines = self.lines.lock();
        let skipped = lines.kept.len().saturating_sub(count);
        let last = lines.kept.iter().skip(skipped).cloned().collect();
        (last, lines.forgotten + lines.kept.len())
    }

    /// What was said after the first SEEN lines, each with its line end, as
    /// soon as there is any, and how many were said by then; `None` when
    /// nothing more comes.
    pub(crate) async fn after(&self, seen: usize) -> Option<(String, usize)> {
        loop {
            // Before looking, so that what comes in between is not missed.
            let grew = self.grew.notified();
            {
                let lines = self.lines.lock();
                let said = lines.forgotten + lines.kept.len();
                if said > seen {
                    let new = lines.kept.iter().skip(seen.saturating_sub(lines.forgotten));
                    return Some((new.map(|line| format!("{line}\n")).collect(), said));
                }
                if lines.is_closed {
                    return None;
                }
            }
            grew.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn the_oldest_lines_are_forgotten_and_still_counted() {
        let log = Log::default();
        let text: String = (0..KEPT + 3).map(|number| format!("line {number}\n")).collect();
        run(log.read(text.as_bytes()));
        let (last, said) = log.last(2);
        assert_eq!((last[0].as_str(), last.len(), said), ("line 501", 2, KEPT + 3));
        assert_eq!(log.last(9_999).0[0], "line 3");
    }

    #[test]
    fn who_follows_gets_each_line_once_and_then_the_end() {
        let log = Log::default();
        run(log.read(&b"one\r\ntwo \xff\nthree"[..]));
        let (text, seen) = run(log.after(1)).unwrap();
        assert_eq!((text.as_str(), seen), ("two \u{fffd}\nthree\n", 3));
        log.close();
        assert_eq!(run(log.after(seen)), None);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let log = Log::default();
        run(log.read("x".repeat(2 * LONGEST + 1).as_bytes()));
        assert_eq!(log.last(9).0.iter().map(String::len).collect::<Vec<_>>(), [4_096, 4_096, 1]);
    }
}
