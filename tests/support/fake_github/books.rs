//! What all requests share: the world, the limits, and the books of what was asked.

use super::bare;
use super::message::Answer;
use super::mishap::{Mishap, Strike};
use super::options::Options;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tminus::adapters::sim::State;

/// What was used of a limit.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Used {
    pub(crate) rest: u32,
    pub(crate) graphql: u32,
}

/// One request and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Its number, from 1.
    pub(crate) n: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// JSON, or null where it is none.
    pub(crate) request: Value,
    /// All of it as it came, except for what authorizes it.
    pub(crate) raw: Vec<u8>,
    /// `None` where the connection was cut.
    pub(crate) status: Option<u16>,
    pub(crate) mishap: Option<Mishap>,
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) base: String,
    pub(crate) started: Timestamp,
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) used: Mutex<Used>,
    pub(crate) strikes: Mutex<Vec<Strike>>,
    pub(crate) exchanges: Mutex<Vec<Exchange>>,
    /// The bytes of assets, by their numbers: the world has only their digests.
    pub(crate) stored: Mutex<BTreeMap<u64, Vec<u8>>>,
    /// The process that is killed when a mishap says so.
    pub(crate) victim: Mutex<Option<u32>>,
}

impl Shared {
    /// Kills the client, which may have been quicker than the one who names it.
    pub(crate) async fn kill(&self) {
        let victim = loop {
            let named = self.victim.lock().unwrap_or_else(PoisonError::into_inner).take();
            match named {
                Some(process) => break process,
                None => tokio::task::yield_now().await,
            }
        };
        let mut kill = std::process::Command::new("kill");
        // One that is dead already is as good.
        let _killed = kill.arg("-KILL").arg(victim.to_string()).status();
    }

    /// The world, with tags as the bare repository has them.
    pub(crate) fn world(&self) -> Result<MutexGuard<'_, State>, Answer> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &self.options.bare {
            bare::take(path, &mut state).map_err(|error| Answer::error(500, error.message()))?;
        }
        Ok(state)
    }
}
