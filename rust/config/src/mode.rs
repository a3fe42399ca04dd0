//! A mode, as it is written.

use crate::lines::Fault;
use crate::suggestion::instead;
use llm_switch_types::{DataRule, Locality, Mode, Origin, Payer, WhenNone};
use serde::Deserialize;

/// `[mode.NAME]`. What it leaves out is as in the built-in mode of its name,
/// else as in `auto`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    allow: Option<Vec<Locality>>,
    payers: Option<Vec<Payer>>,
    data: Option<DataRule>,
    #[serde(default)]
    strict: bool,
    route: Option<String>,
    when_none: Option<Answer>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Answer(WhenNone);

impl TryFrom<String> for Answer {
    type Error = String;

    fn try_from(text: String) -> Result<Answer, String> {
        text.parse().map(Answer).map_err(|why: String| match instead(&text, ["ask", "fail"], "") {
            meant if meant.is_empty() => why,
            meant => format!("{text:?} is no answer: {meant}"),
        })
    }
}

impl Table {
    /// The mode called NAME, which changes the one that is BUILT_IN.
    pub(crate) fn into_mode(self, name: &str, built_in: Option<&Mode>) -> Result<Mode, Fault> {
        let allow = self.allow.or_else(|| built_in.map(|mode| mode.allow.clone()));
        let allow = allow.filter(|allow| !allow.is_empty()).ok_or_else(|| {
            let what = "a mode needs to say what it allows: write allow = [\"local\", \"lan\"]";
            Fault::new("allow", what)
        })?;
        let usual = built_in.map_or_else(everybody, |mode| mode.payers.clone());
        let payers = self.payers.unwrap_or(usual);
        if payers.is_empty() {
            let what = "a mode in which nobody pays allows nothing: write payers = [\"free\"]";
            return Err(Fault::new("payers", what));
        }
        let mode = Mode {
            name: name.to_owned(),
            allow,
            payers,
            data: self.data.unwrap_or_default(),
            strict: self.strict,
            route: self.route,
            when_none: self.when_none.map(|Answer(it)| it).unwrap_or_default(),
            origin: Origin::File,
        };
        keeps_its_word(&mode).map(|()| mode)
    }
}

fn everybody() -> Vec<Payer> {
    vec![Payer::Free, Payer::Metered, Payer::Plan]
}

/// Two names are promises, which no file can change: what is called local
/// stays near, and what is called free costs nothing.
fn keeps_its_word(mode: &Mode) -> Result<(), Fault> {
    let near = |it: &Locality| matches!(it, Locality::Local | Locality::Lan);
    if mode.name == "local" && !mode.allow.iter().all(near) {
        let what =
            "mode \"local\" may allow \"local\" and \"lan\" alone: give this mode another name";
        return Err(Fault::new("allow", what));
    }
    if mode.name == "free" && mode.payers.iter().any(|payer| *payer != Payer::Free) {
        let what =
            "mode \"free\" may have \"free\" among its payers alone: give this mode another name";
        return Err(Fault::new("payers", what));
    }
    Ok(())
}
