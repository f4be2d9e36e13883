//! Finds the manifest that gives the right verdict for the most past releases.

use super::releases::{PastReleases, replay};
use crate::base::source::Source;
use crate::drive::observe::ObserveError;
use crate::judge::replay::Replayed;
use crate::project::commits::Commit;
use crate::project::infer::{Choice, Convention, Inferred, RepositoryInfo, infer, raising_config};
use crate::project::manifest::{ChangelogStyle, LOCATIONS, Policy};

/// How many releases are checked.
const LAST: usize = 5;

/// Gates that are set to `inform` if they would have stopped this many releases.
const HABITS: [(&str, usize); 2] = [(BUMP, 2), (CHANGELOG, MOST)];

const BUMP: &str = "bump-fits-changes";

const CHANGELOG: &str = "changelog-entry";

/// The majority of the releases that are checked.
const MOST: usize = 3;

/// A manifest, and its results for the last releases.
#[derive(Debug)]
pub struct ChosenManifest {
    /// The manifest.
    pub inferred: Inferred,
    /// The last releases; none if the repository has none or the clone is shallow.
    pub replayed: Vec<Replayed>,
}

/// Infers the manifest of a repository. If its files leave a choice, its last releases decide.
/// Recent commits come newest first.
///
/// # Errors
/// When a past release cannot be read.
pub async fn prove(
    mut found: RepositoryInfo,
    past: &PastReleases<'_>,
    recent: &[Commit],
) -> Result<ChosenManifest, ObserveError> {
    let mut choice = Choice::default();
    let own = recent.iter().filter(|commit| commit.parents < 2);
    let convention = Convention::of(own.map(Commit::subject));
    if let Ok(manifest) = past.manifest(&source(&infer(&found, &choice))) {
        found.lines = past.lines(&manifest, LAST);
        if manifest.version.files.is_empty() && !found.is_shallow {
            choice.policy = policy(&found, past, convention).await?;
        }
    }
    if found.is_shallow {
        // Data that the clone lacks would look like a wrong manifest.
        return Ok(ChosenManifest { inferred: infer(&found, &choice), replayed: Vec::new() });
    }
    let mut first = judged(&found, &choice, past).await?;
    if let Some((other, better)) = other_changelog(&found, &choice, past, &first).await? {
        (choice, first) = (other, better);
    }
    for (gate, least) in HABITS {
        let stops = first
            .replayed
            .iter()
            .filter(|one| one.has_right_tag() && one.is_stopped_by(gate))
            .count();
        let releases = first.replayed.len();
        let why = if stops >= least {
            format!("it would have stopped {stops} of {releases} recent releases")
        } else if let Some(config) = raising_config(&found.files, &found.folder)
            && gate == BUMP
        {
            format!("the version is computed from fragments, according to `{config}`")
        } else if gate == BUMP && convention.is_rare() {
            let Convention { all, known } = convention;
            format!("only {known} of the last {all} commits follow Conventional Commits")
        } else {
            continue;
        };
        choice.inform.push((gate.to_owned(), why));
    }
    match choice.inform.is_empty() {
        true => Ok(first),
        false => judged(&found, &choice, past).await,
    }
}

/// Another file as the changelog, if the chosen one would stop most releases and this one fewer.
async fn other_changelog(
    found: &RepositoryInfo,
    choice: &Choice,
    past: &PastReleases<'_>,
    first: &ChosenManifest,
) -> Result<Option<(Choice, ChosenManifest)>, ObserveError> {
    let stops = |proven: &ChosenManifest| {
        proven.replayed.iter().filter(|one| one.is_stopped_by(CHANGELOG)).count()
    };
    if stops(first) < MOST {
        return Ok(None);
    }
    let Ok(manifest) = past.manifest(&source(&first.inferred)) else { return Ok(None) };
    let mut other = choice.clone();
    if manifest.changelog.style == ChangelogStyle::Fragments {
        other.without_fragments = true;
        let second = judged(found, &other, past).await?;
        return Ok((stops(&second) < stops(first)).then_some((other, second)));
    }
    other.not_changelogs.push(manifest.changelog.file.as_str().to_owned());
    let second = judged(found, &other, past).await?;
    let file = past.manifest(&source(&second.inferred)).map(|manifest| manifest.changelog.declared);
    let names_one = matches!(file, Ok(Some(_)));
    Ok((names_one && stops(&second) < stops(first)).then_some((other, second)))
}

/// How the version is determined if no file contains it: from commits, if they follow Conventional
/// Commits and give the versions of all recent releases except at most one.
async fn policy(
    found: &RepositoryInfo,
    past: &PastReleases<'_>,
    convention: Convention,
) -> Result<Policy, ObserveError> {
    if convention.all > 0 && !convention.is_followed() {
        return Ok(Policy::Manual);
    }
    let ChosenManifest { replayed, .. } = judged(found, &Choice::default(), past).await?;
    let right = replayed.iter().filter(|one| one.has_right_tag()).count();
    Ok(match right + 1 >= replayed.len() {
        true => Policy::Commits,
        false => Policy::Manual,
    })
}

async fn judged(
    found: &RepositoryInfo,
    choice: &Choice,
    past: &PastReleases<'_>,
) -> Result<ChosenManifest, ObserveError> {
    let inferred = infer(found, choice);
    let replayed = replay(past, &source(&inferred), LAST).await?;
    Ok(ChosenManifest { inferred, replayed })
}

fn source(inferred: &Inferred) -> Source {
    Source { name: LOCATIONS[0].into(), text: inferred.text.clone() }
}
