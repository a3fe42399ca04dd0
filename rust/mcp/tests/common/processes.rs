//! Which processes there are.

use std::fs;

/// The processes that have MARK, which must be unlike any other, in their
/// command line or environment and still run.
pub fn alive(mark: &str) -> Vec<i32> {
    let all =
        fs::read_dir("/proc").unwrap().filter_map(|it| it.ok()?.file_name().into_string().ok());
    all.filter_map(|name| name.parse().ok()).filter(|id| has(*id, mark) && runs(*id)).collect()
}

fn has(id: i32, mark: &str) -> bool {
    // Ours has the mark of each test in its own memory only.
    let file = |name| fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
    [file("cmdline"), file("environ")]
        .iter()
        .any(|it| it.windows(mark.len()).any(|piece| piece == mark.as_bytes()))
}

/// Not a zombie, which has ended and only waits to be counted.
fn runs(id: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Wait until no process with MARK runs.
pub async fn gone(mark: &str) {
    super::soon("no process is left", || alive(mark).is_empty()).await;
}
