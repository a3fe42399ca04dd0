//! A price set by hand changes its own place in the file and nothing else.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::{Config, NewPrice};
use llm_switch_types::ErrorKind;

const FILE: &str = "# My services\n\
    \n\
    [account.openai]   # the one I pay\n\
    key='auth-source:api.openai.com'\n\
    \n\
    [price.\"openai/gpt-x\"]   # by mail of 3 March\n\
    output     = 8 # was 10\n\
    input      = '1.00'\t# dollars\n\
    # cache-read = '0.1'   not sure\n\
    \n\
    [account.\"groq\"]\n\
    # the end\n";

fn price(input: &str, output: &str, cache_read: Option<&str>) -> NewPrice {
    NewPrice {
        input: input.parse().unwrap(),
        output: output.parse().unwrap(),
        cache_read: cache_read.map(|it| it.parse().unwrap()),
    }
}

fn set(text: &str, name: &str, input: &str, output: &str, cache_read: Option<&str>) -> String {
    Config::set_price(text, name, &price(input, output, cache_read)).unwrap()
}

#[test]
fn a_known_price_changes_its_figures_and_not_a_byte_beside_them() {
    let edited = set(FILE, "openai/gpt-x", "1.25", "10", None);
    let by_hand = FILE.replace("= 8 #", "= \"10\" #").replace("'1.00'", "\"1.25\"");
    assert_eq!(edited, by_hand);
}

#[test]
fn a_cache_rate_gets_a_line_that_is_aligned_like_its_neighbour() {
    let edited = set(FILE, "openai/gpt-x", "1", "8", Some("0.1"));
    let by_hand = FILE
        .replace("= 8 # was 10\n", "= \"8\" # was 10\ncache-read = \"0.1\"\n")
        .replace("'1.00'", "\"1\"");
    assert_eq!(edited, by_hand);
    let again = set(&edited, "openai/gpt-x", "1", "8", Some("0.2"));
    assert_eq!(again, by_hand.replace("\"0.1\"", "\"0.2\""));
}

#[test]
fn a_new_price_stands_at_the_end() {
    let edited = set(FILE, "openai/gpt-y", "1.25", "10", Some("0.125"));
    let lines =
        "\n[price.\"openai/gpt-y\"]\ninput = \"1.25\"\noutput = \"10\"\ncache-read = \"0.125\"\n";
    assert_eq!(edited, format!("{FILE}{lines}"));
    assert_eq!(set("", "a/b", "1", "2", None), "[price.\"a/b\"]\ninput = \"1\"\noutput = \"2\"\n");
    assert!(set("[account.groq]", "a/b", "1", "2", None).starts_with("[account.groq]\n\n[price"));
}

#[test]
fn line_ends_and_a_byte_order_mark_stay() {
    let file = format!("\u{feff}{}", FILE.replace('\n', "\r\n"));
    let changed = set(&file, "openai/gpt-x", "1.25", "8", Some("0.5"));
    let by_hand = file
        .replace("= 8 # was 10\r\n", "= \"8\" # was 10\r\ncache-read = \"0.5\"\r\n")
        .replace("'1.00'", "\"1.25\"");
    assert_eq!(changed, by_hand);
    let added = set(&file, "a/b", "1", "2", None);
    assert_eq!(added, format!("{file}\r\n[price.\"a/b\"]\r\ninput = \"1\"\r\noutput = \"2\"\r\n"));
}

#[test]
fn a_price_in_braces_is_changed_in_its_braces() {
    for before in
        ["price.'a/b' = { input = 1, output = 2 }  # x\n", "[price]\n'a/b' = {output=2,input=1}\n"]
    {
        let edited = set(before, "a/b", "3", "4", Some("5"));
        assert_eq!(edited.matches('{').count(), 1, "{edited}");
        assert!(edited.contains("\"4\", cache-read = \"5\""), "{edited}");
        assert_eq!(edited.ends_with("}  # x\n"), before.ends_with("}  # x\n"));
    }
    let beside = set("[price]\n'a/b' = {output=2,input=1}\n", "a/c", "3", "4", None);
    assert!(Config::parse(&beside).unwrap().prices.contains_key("a/c"));
}

#[test]
fn a_name_is_quoted_however_odd_it_is() {
    for name in ["a/b:c", "a/\"b\"", "a/b\\c", "a/größe"] {
        let edited = set("", name, "1", "2", None);
        assert!(Config::parse(&edited).unwrap().prices.contains_key(name), "{edited}");
    }
}

#[test]
fn what_has_no_place_is_refused_with_the_lines_to_write() {
    for text in [
        "[price.'a/b']\nwatts = 250\nper-kwh = '0.3'\n",
        "price = { 'x/y' = { input = 1, output = 2 } }\n",
    ] {
        let error = Config::set_price(text, "a/b", &price("1", "2", None)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Config);
        let advice = error.advice.unwrap();
        assert!(advice.contains("[price.\"a/b\"]; input = \"1\"; output = \"2\""), "{advice}");
    }
}

#[test]
fn a_broken_file_and_a_name_without_model_are_refused() {
    let wanted = price("1", "2", None);
    let error = Config::set_price("[account.x\n", "a/b", &wanted).unwrap_err();
    assert!(error.what.starts_with("line 1: "), "{error}");
    assert!(Config::set_price("", "gpt", &wanted).unwrap_err().what.contains("names no model"));
}
