//! A file of variables: `NAME=value` on each line.

use llm_switch_types::{Error, ErrorKind, Result};
use std::{collections::BTreeMap, iter};

/// The variables in the TEXT of an `envFile`. The later wins over the earlier.
///
/// A line may begin with `export`, and what follows a `#` is a comment. A
/// value between single quotes is taken as it is; between double quotes,
/// `\n`, `\r`, `\t`, `\"` and `\\` have their usual meaning. No variable is
/// filled in.
///
/// # Errors
/// [`ErrorKind::Config`] with the line, which is not quoted: it may hold a
/// secret.
pub fn read_env_file(text: &str) -> Result<BTreeMap<String, String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().map(str::trim).enumerate();
    let told = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    told.map(|(index, line)| {
        read(line).ok_or_else(|| {
            let what = format!("line {}: this is not NAME=value", index + 1);
            Error::new(ErrorKind::Config, what)
                .advise("Write one variable on each line, and close each quote on its line")
        })
    })
    .collect()
}

/// The variable on LINE.
fn read(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let exported = name.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
    let name = exported.unwrap_or(name).trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    Some((name.to_owned(), unquote(value.trim_start())?))
}

fn unquote(value: &str) -> Option<String> {
    let (value, rest) = if let Some(quoted) = value.strip_prefix('\'') {
        let (value, rest) = quoted.split_once('\'')?;
        (value.to_owned(), rest)
    } else if let Some(quoted) = value.strip_prefix('"') {
        unescape(quoted)?
    } else {
        return Some(without_comment(value).to_owned());
    };
    without_comment(rest).is_empty().then_some(value)
}

/// The value before the closing quote of QUOTED, and what follows that.
fn unescape(quoted: &str) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), quoted.chars());
    loop {
        match rest.next()? {
            '"' => return Some((value, rest.as_str())),
            '\\' => value.extend(escape(rest.next()?)),
            other => value.push(other),
        }
    }
}

/// What `\` and WHICH stand for; themselves where that is nothing else.
fn escape(which: char) -> impl Iterator<Item = char> {
    let meant = match which {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    };
    let stays = matches!(which, 'n' | 'r' | 't' | '"' | '\\');
    (!stays).then_some('\\').into_iter().chain(iter::once(meant))
}

/// A `#` begins a comment behind a space: a password may hold one.
fn without_comment(value: &str) -> &str {
    let comment = |at: &usize| value[..*at].is_empty() || value[..*at].ends_with([' ', '\t']);
    let at = value.match_indices('#').map(|(at, _)| at).find(comment);
    value[..at.unwrap_or(value.len())].trim_end()
}
