//! The GitHub adapter against a server that answers by script: what it makes of odd replies, and
//! what it never does.

#[path = "github/stub.rs"]
mod stub;
#[path = "github/surveys.rs"]
mod surveys;
#[path = "github/writes.rs"]
mod writes;
#[path = "github/trouble.rs"]
mod trouble;
