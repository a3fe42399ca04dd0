//! A process that ends with its owner.

use crate::Result;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A process of ours. It ends when its standard input does, which is when it
/// is dropped or when this process dies; what does not is killed.
pub struct Owned {
    child: Child,
    pub input: Option<ChildStdin>,
    pub output: BufReader<ChildStdout>,
}

impl Owned {
    /// Starts PROGRAM with ARGUMENTS.
    pub fn start(program: &Path, arguments: &[&str]) -> Result<Owned> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("it has no output")?);
        Ok(Owned { child, input, output })
    }

    /// Its next line; what it has died of is the reader's to say.
    pub fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line)
    }

    /// Ends it with SIGKILL.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Has it end, and hears what it still says.
    pub fn end(mut self) -> Result<String> {
        drop(self.input.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest)?;
        self.child.wait()?;
        Ok(rest)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // It may be over already, and nobody is left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
