use super::*;
use crate::mcp::identity::{Identity, Seen};
use Decision::{Allow, Ask, Deny, Off, On};
use llm_switch_config::mcp::McpOriginKind;
use llm_switch_mcp::{Hints, Tool};
use serde_json::json;
use std::fs;

const HERE: &str = "/work/here";

/// A tool, and the server that has it.
#[derive(Clone)]
struct Case {
    server: Identity,
    tool: Tool,
    is_alike: bool,
    project: Option<&'static Path>,
}

impl Case {
    fn subject(&self) -> Subject<'_> {
        let Case { server, tool, is_alike, project } = self;
        Subject { server, tool, is_alike: *is_alike, project: *project }
    }

    fn of_project(mut self) -> Case {
        self.server.kind = McpOriginKind::Project;
        self
    }

    fn destructive(mut self) -> Case {
        self.tool.hints.destructive = true;
        self
    }

    fn about(&self) -> About {
        let servers = vec![self.server.clone()];
        About { servers, tool: Some(Seen::of(&self.tool)) }
    }
}

fn case(tool: &str) -> Case {
    let hints =
        Hints { read_only: false, destructive: false, idempotent: false, open_world: false };
    let tool = Tool {
        name: tool.into(),
        title: None,
        description: Some("does it".into()),
        input_schema: serde_json::Map::new(),
        output_schema: None,
        hints,
        meta: None,
    };
    let (server, hash) = ("git".into(), "1".into());
    let server = Identity { server, kind: McpOriginKind::Config, hash };
    Case { server, tool, is_alike: false, project: Some(Path::new(HERE)) }
}

fn rule(text: &str) -> Rule {
    text.parse().unwrap()
}

/// What RULE was about when it was decided about CASE.
fn about(rule: &Rule, case: &Case) -> About {
    let name = rule.to_string();
    let tool = name.rsplit("__").next().filter(|_| rule.is_exact());
    let seen = tool.map(|name| {
        let tool = Tool { name: name.into(), ..case.tool.clone() };
        Seen::of(&tool)
    });
    About { tool: seen, ..case.about() }
}

/// What was decided while things were as in CASE.
fn decided(case: &Case, decided: &[(&str, Decision, Lasting)]) -> Choices {
    let choices = Choices::new(None);
    for (text, decision, lasting) in decided {
        let (rule, project) = (rule(text), Some(Path::new(HERE)));
        let about = about(&rule, case);
        choices.decide(&rule, Some(*decision), *lasting, project, about).unwrap();
    }
    choices
}

fn choices(all: &[(&str, Decision, Lasting)]) -> Choices {
    decided(&case("status"), all)
}

fn permission(choices: &Choices, case: &Case) -> Decision {
    choices.permission(case.subject(), &McpRules::default()).unwrap()
}

fn allow(rules: &[&str]) -> McpRules {
    McpRules { allow: rules.iter().map(|it| rule(it)).collect(), ..McpRules::default() }
}

#[test]
fn nothing_runs_unasked_by_itself() {
    assert_eq!(permission(&choices(&[]), &case("status")), Ask);
}

#[test]
fn what_is_nearest_counts_and_what_is_denied_stays_denied() {
    let of = |decided: &[_]| permission(&choices(decided), &case("status"));
    let tool = "mcp__git__status";
    assert_eq!(of(&[(tool, Ask, Lasting::Always), (tool, Allow, Lasting::Session)]), Allow);
    assert_eq!(of(&[(tool, Allow, Lasting::Always), (tool, Ask, Lasting::Project)]), Ask);
    assert_eq!(of(&[(tool, Deny, Lasting::Always), (tool, Allow, Lasting::Session)]), Deny);
    assert_eq!(of(&[("mcp__git__*", Allow, Lasting::Project)]), Allow);
}

#[test]
fn what_is_allowed_is_the_program_that_was_seen() {
    let (seen, mut other, mut brought) = (case("status"), case("status"), case("status"));
    other.server.hash = "2".into();
    brought.server.kind = McpOriginKind::ClaudeLocal;
    for text in ["mcp__git__status", "mcp__git__*", "mcp__*"] {
        for lasting in [Lasting::Session, Lasting::Project, Lasting::Always] {
            let choices = decided(&seen, &[(text, Allow, lasting)]);
            assert_eq!(permission(&choices, &seen), Allow, "{text}");
            assert_eq!(permission(&choices, &other), Ask, "{text}");
            assert_eq!(permission(&choices, &brought), Ask, "{text}");
            let choices = decided(&seen, &[(text, Deny, lasting), (text, Off, lasting)]);
            assert_eq!(permission(&choices, &other), Deny, "{text}");
            assert!(!choices.is_on(other.subject()).unwrap(), "{text}");
        }
    }
    assert_eq!(choices(&[]).permission(other.subject(), &allow(&["mcp__git"])).unwrap(), Allow);
}

#[test]
fn a_tool_that_says_something_else_of_itself_is_asked_about() {
    let choices = choices(&[("mcp__git__status", Allow, Lasting::Always)]);
    let changes: [fn(&mut Tool); 5] = [
        |it| it.hints.destructive = true,
        |it| it.hints.open_world = true,
        |it| it.description = None,
        |it| drop(it.input_schema.insert("type".into(), json!("object"))),
        |it| it.hints.read_only = true,
    ];
    for change in changes {
        let mut case = case("status");
        change(&mut case.tool);
        assert_eq!(permission(&choices, &case), Ask, "{:?}", case.tool);
    }
    let mut case = case("status");
    case.tool.title = Some("Status".into());
    assert_eq!(permission(&choices, &case), Allow, "a title is no effect");
}

#[test]
fn one_tool_is_not_another_that_looks_like_it() {
    let (read, delete) = (case("读取"), case("删除"));
    let choices = Choices::new(None);
    let decide = |case: &Case, decision| {
        let rule = Rule::of_tool("git", &case.tool.name);
        let project = Some(Path::new(HERE));
        choices.decide(&rule, Some(decision), Lasting::Project, project, case.about()).unwrap();
    };
    decide(&delete, Deny);
    decide(&read, Allow);
    assert_eq!((permission(&choices, &read), permission(&choices, &delete)), (Allow, Deny));
    decide(&read, Off);
    let is_on = |case: &Case| choices.is_on(case.subject()).unwrap();
    assert_eq!((is_on(&read), is_on(&delete)), (false, true));
    let alike = Case { is_alike: true, ..read };
    let none = Choices::new(None);
    let of = |text| none.permission(alike.subject(), &allow(&[text])).unwrap();
    assert_eq!((of("mcp__git____"), of("mcp__git")), (Ask, Allow));
}

#[test]
fn an_allow_of_an_older_version_does_not_count_and_its_deny_does() {
    let folder = tempfile::tempdir().unwrap();
    let old = |decision: &str| json!([{"rule": "mcp__git__status", "decision": decision}]);
    for (decision, now) in [("allow", Ask), ("deny", Deny)] {
        fs::write(folder.path().join("mcp-tools.json"), old(decision).to_string()).unwrap();
        assert_eq!(permission(&Choices::new(Some(folder.path())), &case("status")), now);
    }
}

#[test]
fn what_cannot_be_read_makes_its_servers_tools_ask_and_is_told_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mcp-tools.json");
    let written = allow(&["mcp__git", "mcp__time"]);
    let other = {
        let mut case = case("now");
        case.server.server = "time".into();
        case
    };
    let broken = [
        (json!({"rule": "mcp__git__", "decision": "deny"}), [Ask, Allow]),
        (json!({"rule": "mcp__git__status", "decision": "forbid"}), [Ask, Allow]),
        (json!({"rule": "git", "decision": "deny"}), [Ask, Ask]),
        (json!(7), [Ask, Ask]),
        (json!({"rule": "mcp__git__", "project": "/work/there"}), [Allow, Allow]),
    ];
    for (entry, expected) in broken {
        let deny = json!({"rule": "mcp__git__push", "decision": "deny"});
        fs::write(&file, json!([entry, deny]).to_string()).unwrap();
        let choices = Choices::new(Some(folder.path()));
        let of = |case: &Case| choices.permission(case.subject(), &written).unwrap();
        assert_eq!([of(&case("status")), of(&other)], expected, "{entry}");
        assert_eq!(of(&case("push")), Deny, "{entry}");
        assert!(choices.trouble().unwrap().is_some() && choices.trouble().unwrap().is_none());
        let (rule, about) = (rule("mcp__git__log"), About::default());
        choices.decide(&rule, Some(Deny), Lasting::Always, None, about).unwrap();
        let kept: Vec<Value> = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!((kept.len(), &kept[0]), (3, &entry));
    }
}

#[test]
fn a_rule_for_a_server_allows_nothing_that_may_destroy() {
    let destructive = case("reset").destructive();
    let of =
        |text| permission(&decided(&destructive, &[(text, Allow, Lasting::Always)]), &destructive);
    assert_eq!(of("mcp__git__*"), Ask);
    assert_eq!(of("mcp__git__reset"), Allow);
}

#[test]
fn what_was_allowed_everywhere_is_not_about_what_a_repository_brought() {
    let foreign = case("status").of_project();
    let of =
        |lasting| permission(&decided(&foreign, &[("mcp__git__status", Allow, lasting)]), &foreign);
    assert_eq!(of(Lasting::Always), Ask);
    assert_eq!(choices(&[]).permission(foreign.subject(), &allow(&["mcp__*"])).unwrap(), Ask);
    assert_eq!(of(Lasting::Project), Allow);
}

#[test]
fn what_was_denied_everywhere_is_about_what_a_repository_brought_too() {
    let foreign = case("status").of_project();
    let denied = decided(
        &foreign,
        &[("mcp__git__*", Deny, Lasting::Always), ("mcp__git__status", Allow, Lasting::Project)],
    );
    assert_eq!(permission(&denied, &foreign), Deny);
    let written = McpRules { deny: vec![rule("mcp__git")], ..McpRules::default() };
    assert_eq!(choices(&[]).permission(foreign.subject(), &written).unwrap(), Deny);
    let off = choices(&[("mcp__git__*", Off, Lasting::Always)]);
    assert!(!off.is_on(foreign.subject()).unwrap());
}

#[test]
fn what_is_decided_for_a_project_where_there_is_none_holds_for_the_session() {
    let (choices, tool) = (Choices::new(None), rule("mcp__git__status"));
    let here = case("status");
    choices.decide(&tool, Some(Allow), Lasting::Project, None, here.about()).unwrap();
    assert_eq!(permission(&choices, &here), Ask);
    assert_eq!(permission(&choices, &Case { project: None, ..here }), Allow);
    assert_eq!(choices.all(None).unwrap()[0].0, Lasting::Session);
}

#[test]
fn what_was_decided_in_one_project_holds_there() {
    let choices = choices(&[
        ("mcp__git__status", Allow, Lasting::Project),
        ("mcp__git__log", Allow, Lasting::Session),
    ]);
    for tool in ["status", "log"] {
        assert_eq!(permission(&choices, &case(tool)), Allow);
        let elsewhere = Case { project: Some(Path::new("/work/there")), ..case(tool) };
        assert_eq!(permission(&choices, &elsewhere), Ask);
    }
}

#[test]
fn the_configuration_is_asked_last() {
    let of = |choices: &Choices| {
        choices.permission(case("status").subject(), &allow(&["mcp__git"])).unwrap()
    };
    assert_eq!(of(&choices(&[])), Allow);
    assert_eq!(of(&choices(&[("mcp__git__status", Ask, Lasting::Always)])), Ask);
}

#[test]
fn a_tool_that_is_on_stays_on_in_a_server_that_is_off() {
    let choices = choices(&[
        ("mcp__git__*", Off, Lasting::Always),
        ("mcp__git__status", On, Lasting::Always),
    ]);
    let is_on = |tool| choices.is_on(case(tool).subject()).unwrap();
    assert_eq!((is_on("status"), is_on("log")), (true, false));
}

#[test]
fn what_is_decided_anew_takes_the_place_of_what_was() {
    let choices = choices(&[
        ("mcp__git__status", Allow, Lasting::Project),
        ("mcp__git__status", Off, Lasting::Project),
        ("mcp__git__status", Deny, Lasting::Project),
    ]);
    let here = Some(Path::new(HERE));
    assert_eq!(choices.all(here).unwrap().len(), 2);
    let (tool, about) = (rule("mcp__git__status"), About::default());
    choices.decide(&tool, None, Lasting::Project, here, about).unwrap();
    assert_eq!(permission(&choices, &case("status")), Ask);
    assert!(choices.is_on(case("status").subject()).unwrap());
}
