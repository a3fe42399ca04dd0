//! `spend.export`: the attempts, in a file.

use super::ask::{Ask, fields};
use super::writing::Format;
use crate::methods::Job;
use llm_switch_ledger::Ledger;
use llm_switch_types::{Error, ErrorKind, Money, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Deserialize)]
struct Written {
    format: Format,
    file: PathBuf,
}

/// When, and `{format, file}` -> `{file, rows, cost}`.
///
/// `format` is "csv", "json" or "org". FILE, an absolute name, gets one row
/// for each settled attempt that began in the span, oldest first: `cost_pico`
/// is exact, and empty where the cost is not known; the column adds up to
/// `cost`, which is what the reports say. `cost_dollars` is the same in
/// dollars, exact as well. The file appears, or is replaced,
/// when it is whole. When this is cancelled, nothing is left of it.
///
/// # Errors
/// Those of the ledger, and of writing the file.
pub(crate) async fn export(job: Job) -> Result<Value> {
    let ask = Ask::of(&job).await?;
    let Written { format, file } = fields(&job.params)?;
    let ledger = job.core.ledger.get().await?;
    let id = job.id;
    let wanted = Arc::new(AtomicBool::new(true));
    let _guard = Unwant(Arc::clone(&wanted));
    let write = job.core.tasks.blocking(move || {
        ledger.flush()?;
        let told = |error: io::Error| failed(&file, &error);
        let mut sheet = Sheet::new(format, &file, id).map_err(told)?;
        sheet.fill(&ledger, &ask, &wanted, &file)?;
        let (rows, cost) = (sheet.rows, sheet.cost);
        sheet.finish(&file).map_err(told)?;
        Ok(json!({"file": file, "rows": rows, "cost": cost}))
    });
    write.await?
}

/// Tells the thread that writes when nobody waits for it any more.
struct Unwant(Arc<AtomicBool>);

impl Drop for Unwant {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn failed(file: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Store, format!("the export cannot be written ({error})"))
        .at(file.display())
        .advise("Choose another folder, or make room")
}

/// A file that is being written beside its final place.
struct Sheet {
    format: Format,
    temporary: PathBuf,
    out: BufWriter<File>,
    rows: u64,
    cost: Money,
}

impl Sheet {
    /// Begins the file of the call ID: two at once for one place do not mix.
    fn new(format: Format, file: &Path, id: i64) -> io::Result<Sheet> {
        let mut name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        name.push(format!(".{}-{id}.new", std::process::id()));
        let temporary = file.with_file_name(name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // What was spent is the user's business.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = BufWriter::new(options.open(&temporary)?);
        format.head(&mut out)?;
        Ok(Sheet { format, temporary, out, rows: 0, cost: Money::ZERO })
    }

    fn fill(&mut self, ledger: &Ledger, ask: &Ask, wanted: &AtomicBool, file: &Path) -> Result<()> {
        let mut written = Ok(());
        ledger.entries(ask.span.clone(), &ask.filter, |entry| {
            let row = self.format.row(&mut self.out, &ask.calendar, &entry, self.rows == 0);
            written = row.and_then(|row| row.map_err(|error| failed(file, &error)));
            let cost = entry.attempt.cost.and_then(|cost| cost.amount);
            self.cost = self.cost.saturating_add(cost.unwrap_or(Money::ZERO));
            self.rows += 1;
            written.is_ok() && wanted.load(Ordering::Relaxed)
        })?;
        match wanted.load(Ordering::Relaxed) {
            true => written,
            false => Err(Error::new(ErrorKind::Cancelled, "cancelled")),
        }
    }

    fn finish(mut self, file: &Path) -> io::Result<()> {
        self.format.tail(&mut self.out)?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.temporary, file)
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        // When it was finished, it is not there any more.
        let _ = fs::remove_file(&self.temporary);
    }
}
