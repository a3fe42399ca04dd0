//! What is left of money or of a plan.

use crate::world::World;
use llm_switch_simulator::absent;

#[test]
fn every_row_without_a_place_for_its_balance_says_so() {
    let world = World::new();
    for row in world.rows() {
        match row.balance {
            None => absent(&row.name, "balance", "no address that tells it is known"),
            Some(_) => absent(&row.name, "balance", "not read yet"),
        }
    }
}
