//! The list of models that a provider offers.

use crate::world::World;
use llm_switch_simulator::{Tag, evidence};
use llm_switch_types::Provider;
use serde_json::json;

/// The path of ROW's list, as the row itself has it: its blanks are filled in
/// with their own names.
fn path(row: &Provider) -> String {
    let url = row.models_url().replace(['{', '}'], "");
    url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap()
}

#[test]
fn every_row_lists_its_models_where_the_row_says() {
    let world = World::new();
    let listed = world.call("deployments.list", &json!({"v": 1}));
    assert_eq!(listed["problems"], json!([]));
    let deployments = listed["deployments"].as_array().unwrap();
    for row in world.rows() {
        let hello = format!("{}/hello", row.name);
        let found = deployments.iter().any(|it| it["deployment"] == hello.as_str());
        assert!(found, "{hello} was not found");
        let received = world.received(&row);
        // Ollama is asked of each model as well how large its window is.
        let first = (received[0].method.as_str(), received[0].target.as_str());
        assert_eq!(first, ("GET", path(&row).as_str()), "{}", row.name);
        assert!(received.iter().all(|it| it.key_matches != Some(false)), "{}", row.name);
        evidence(&row.name, "models", Tag::Simulated);
    }
}
