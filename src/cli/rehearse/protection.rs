//! The simulated environments of a rehearsal, with the protection of the real ones if it can be
//! read.

use super::Rehearsal;
use crate::base::clean::clean;
use crate::base::names::EnvironmentName;
use crate::facts::environment::{AllowedRefs, Protection, Reviewer};
use crate::project::manifest::{Manifest, StageEnvironment};
use crate::report::plan::guards;
use std::collections::BTreeSet;

impl Rehearsal<'_> {
    /// Creates the environments of a manifest.
    pub(super) async fn protect(&self, manifest: &Manifest) {
        let mut made: BTreeSet<&EnvironmentName> = BTreeSet::new();
        for environment in manifest.stages.iter().filter_map(|stage| stage.environment.as_ref()) {
            if !made.insert(&environment.name) {
                continue;
            }
            let protection = match manifest.forge.has_releases() {
                true => self.real_protection(environment).await,
                false => assumed(environment),
            };
            self.world.with(|state| state.protect(environment.name.as_str(), protection));
        }
    }

    /// The protection of the real environment. If it cannot be read, reports this and assumes one.
    async fn real_protection(&self, environment: &StageEnvironment) -> Protection {
        let name = clean(environment.name.as_str());
        let found = match self.real.forge() {
            Err(why) => Err(why.to_owned()),
            Ok(forge) => match forge.deployments() {
                None => Ok(None),
                Some(forge) => {
                    forge.protection(&environment.name).await.map_err(|error| error.why())
                }
            },
        };
        let why = match found {
            Ok(Some(protection)) => {
                let rules = guards(&protection);
                self.out.detail(&format!(
                    "environment {name} is simulated with its actual protection rules: {rules}\n"
                ));
                return self.decidable(&name, protection);
            }
            Ok(None) => "it does not exist, and tminus does not create it".to_owned(),
            Err(why) => format!("its protection was not read: {}", clean(&why)),
        };
        let assumed = assumed(environment);
        let rules = guards(&assumed);
        self.out.detail(&format!("environment {name} is simulated with {rules}; {why}\n"));
        assumed
    }

    /// The rules that the simulator can evaluate. Other rules can be met only in a job of the
    /// environment.
    fn decidable(&self, name: &str, protection: Protection) -> Protection {
        let only_jobs = !protection.apps.is_empty() || protection.refs == AllowedRefs::Protected;
        if !only_jobs {
            return protection;
        }
        self.out.detail(&format!(
            "environment {name} has rules that only a job in it can meet; the rehearsal treats them as met\n"
        ));
        let refs = match protection.refs {
            AllowedRefs::Protected => AllowedRefs::Any,
            refs @ (AllowedRefs::Any | AllowedRefs::Patterns(_)) => refs,
        };
        Protection { apps: Vec::new(), refs, ..protection }
    }
}

/// A required reviewer if the manifest sets `protected: true`, otherwise nothing.
fn assumed(environment: &StageEnvironment) -> Protection {
    let mut protection = Protection::default();
    if environment.protected {
        protection.reviewers.push(Reviewer::User("reviewer".into()));
    }
    protection
}
