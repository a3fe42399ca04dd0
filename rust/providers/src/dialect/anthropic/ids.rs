//! The names of tool calls, which the service and gptel want differently.

/// gptel knows our calls by it.
const PREFIX: &str = "call_";
/// The service refuses longer ones.
const MAX_LENGTH: usize = 64;

/// The name that we hand out for the service's own ID. The prefix is put on
/// whatever the id begins with, so that taking it off once gives the id back;
/// a map kept beside would be lost with the buffer.
pub(super) fn handed_out(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// The service's own name for the call that was handed out as ID. Calls of
/// other services come here too after a change of model: what this one would
/// refuse in their names is replaced, and their end, which tells them apart,
/// is kept.
pub(super) fn own(id: &str) -> String {
    let id = id.strip_prefix(PREFIX).unwrap_or(id);
    let skipped = id.chars().count().saturating_sub(MAX_LENGTH);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    id.chars().skip(skipped).map(|c| if allowed(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_as_it_was_whatever_it_begins_with() {
        for id in ["toolu_01A", "call_x", "call_call_x", "0"] {
            assert!(handed_out(id).starts_with("call_"));
            assert_eq!(own(&handed_out(id)), id);
        }
    }

    #[test]
    fn what_the_service_would_refuse_in_the_ids_of_others_is_replaced() {
        assert_eq!(own("call_functions.look:0"), "functions_look_0");
        let long = format!("call_{}é1", "x".repeat(80));
        assert_eq!(own(&long), format!("{}_1", "x".repeat(62)));
    }
}
