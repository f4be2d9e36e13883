//! The GitHub adapter against a server that answers by script: what it makes of odd replies, and
//! what it never does.

#[cfg(test)]
#[path = "github/stub.rs"]
mod stub;
#[cfg(test)]
#[path = "github/surveys.rs"]
mod surveys;
#[cfg(test)]
#[path = "github/writes.rs"]
mod writes;
#[cfg(test)]
#[path = "github/trouble.rs"]
mod trouble;
#[cfg(test)]
#[path = "github/rules.rs"]
mod rules;
#[cfg(test)]
#[path = "github/rights.rs"]
mod rights;
#[cfg(test)]
#[path = "github/assets.rs"]
mod assets;
#[cfg(test)]
#[path = "github/wires.rs"]
mod wires;
#[cfg(test)]
#[path = "github/twins.rs"]
mod twins;
#[cfg(test)]
#[path = "github/push.rs"]
mod push;
#[cfg(test)]
#[path = "github/strain.rs"]
mod strain;
#[cfg(test)]
#[path = "github/cost.rs"]
mod cost;
#[cfg(test)]
#[path = "github/manners.rs"]
mod manners;
#[cfg(test)]
#[path = "github/moves.rs"]
mod moves;
