//! Where a program is, and the command that runs it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// The file that NAME runs with the variable PATH: NAME itself where it is a
/// path.
pub(crate) fn find(name: &str, path: Option<&str>) -> Option<PathBuf> {
    if Path::new(name).components().count() > 1 {
        return Some(PathBuf::from(name)).filter(|file| is_program(file));
    }
    let folders = std::env::split_paths(path?);
    folders.map(|folder| folder.join(name)).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file() || file.with_extension("exe").is_file()
}

/// The command that runs FILE, found with the variable PATH, with what it
/// says in pipes and nothing to read.
pub(crate) fn command(file: &Path, path: Option<&str>) -> Command {
    let mut command = bound_to_us(file, path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Nobody ends a child when an Emacs is killed with SIGKILL, but the kernel
/// does where it is asked to. Asking needs code between fork and exec, which
/// `setpriv` (util-linux) has for us: it becomes FILE. Where there is none, a
/// killed Emacs leaves the server behind, which is then found on its port.
#[cfg(target_os = "linux")]
fn bound_to_us(file: &Path, path: Option<&str>) -> Command {
    let Some(setpriv) = find("setpriv", path.or(Some("/usr/bin:/bin"))) else {
        return Command::new(file);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "TERM", "--"]).arg(file);
    command
}

#[cfg(not(target_os = "linux"))]
fn bound_to_us(file: &Path, _path: Option<&str>) -> Command {
    Command::new(file)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_as_a_shell_would() {
        assert_eq!(find("sh", Some("/nowhere:/bin")), Some("/bin/sh".into()));
        assert_eq!(find("/bin/sh", None), Some("/bin/sh".into()));
        assert_eq!(find("sh", Some("/nowhere")), None);
        assert_eq!(find("/etc/passwd", None), None, "it cannot be run");
    }
}
