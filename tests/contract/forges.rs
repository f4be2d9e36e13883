//! Everything that stands behind `ForgeRead` and `ForgeWrite`.

use crate::support::fake_github::{FakeGitHub, Options, Scopes, TOKEN};
use secrecy::SecretString;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tminus::adapters::forge::github::{GitHub, Settings, SettingsInput};
use tminus::adapters::sim::{Rights, State, World};
use tminus::ports::{Clock, ForgePeopleChange, ForgeWrite};

/// A forge, the same seen with a token that only reads, and the world behind them.
pub(crate) struct Forge {
    pub(crate) writer: Box<dyn ForgeWrite>,
    /// What runs before the reader reads.
    demote: Option<World>,
    reader: Option<Box<dyn ForgeWrite>>,
    pub(crate) tracker: Box<dyn ForgePeopleChange>,
    reading_tracker: Option<Box<dyn ForgePeopleChange>>,
    pub(crate) state: Arc<Mutex<State>>,
    _face: Option<FakeGitHub>,
}

impl Forge {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap())
    }

    /// From now on the token only reads.
    pub(crate) fn reader(&self) -> &dyn ForgeWrite {
        if let Some(world) = &self.demote {
            world.with(|state| {
                state.rights = Rights { write: false, deploy: false, issues: false, ..state.rights }
            });
        }
        self.reader.as_deref().unwrap_or(self.writer.as_ref())
    }

    /// The same for issues.
    pub(crate) fn reading_tracker(&self) -> &dyn ForgePeopleChange {
        self.reader();
        self.reading_tracker.as_deref().unwrap_or(self.tracker.as_ref())
    }
}

/// The token that reads the members of teams.
const ORGANIZATION: &str = "ghp_0rg+t0ken";

fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_800_000_000).unwrap()
}

fn simulated() -> Forge {
    let world = World::new(now());
    let state = world.state();
    Forge {
        writer: Box::new(world.clone()),
        tracker: Box::new(world.clone()),
        demote: Some(world),
        reader: None,
        reading_tracker: None,
        state,
        _face: None,
    }
}

fn over_http() -> Forge {
    let mut options = Options::default();
    options.tokens.insert("reader".into(), Scopes::READ);
    options.tokens.insert(ORGANIZATION.into(), Scopes { organization: true, ..Scopes::NONE });
    let state = Arc::new(Mutex::new(State::new(now())));
    let fake_github =
        FakeGitHub::start(Options { state: Some(Arc::clone(&state)), ..options }).unwrap();
    Forge {
        writer: Box::new(github(&fake_github, TOKEN)),
        reader: Some(Box::new(github(&fake_github, "reader"))),
        tracker: Box::new(github(&fake_github, TOKEN)),
        reading_tracker: Some(Box::new(github(&fake_github, "reader"))),
        demote: None,
        state,
        _face: Some(fake_github),
    }
}

pub(crate) fn github(fake_github: &FakeGitHub, token: &str) -> GitHub {
    // Only the first test of the process installs it.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let given = SettingsInput {
        api_url: Some(fake_github.url.clone()),
        repository: Some("acme/widget".into()),
        token: Some(SecretString::from(token)),
        organization_token: Some(SecretString::from(ORGANIZATION)),
        root: "/nowhere".into(),
        ..SettingsInput::default()
    };
    // Waiting costs no time here.
    let clock: Rc<dyn Clock> = Rc::new(World::new(now()));
    GitHub::new(Settings::derive(given).unwrap(), clock).unwrap()
}

macro_rules! keeps {
    ($suite:ident: $($promise:ident),* $(,)?) => {
        mod $suite {
            mod simulated {
                $(#[tokio::test] async fn $promise() {
                    crate::contract::$suite::$promise(&crate::contract::forges::simulated()).await;
                })*
            }
            mod github_over_http {
                $(#[tokio::test] async fn $promise() {
                    crate::contract::$suite::$promise(&crate::contract::forges::over_http()).await;
                })*
            }
        }
    };
}

keeps!(
    forge:
    a_draft_that_is_created_twice_is_two_drafts,
    a_draft_is_listed_and_read_by_number_but_not_by_its_tag,
    a_release_that_is_gone_is_none,
    an_asset_is_shown_with_its_size_and_digest,
    an_asset_of_another_release_is_uploaded_if_it_is_the_planned_one,
    an_asset_of_the_same_name_is_refused,
    a_broken_upload_blocks_its_name_until_it_is_removed,
    publishing_twice_is_publishing_once,
    of_two_drafts_of_a_tag_one_is_published,
    publishing_makes_a_tag_only_where_there_is_none,
    the_latest_release_is_the_one_that_was_said_to_be,
    a_published_release_takes_no_more_assets,
    an_immutable_release_locks_its_tag,
    a_removed_draft_is_gone_and_its_double_stays,
    a_survey_tells_checks_rules_tag_and_release,
    a_survey_tells_twins_and_the_push,
    a_push_is_told_where_nothing_reported,
    a_commit_was_merged_when_its_pull_request_was,
    a_file_of_another_repository_is_read_at_exactly_its_commit,
    the_past_is_what_ended_on_other_commits,
    what_is_open_with_a_label_or_in_a_milestone_blocks,
    a_label_that_is_not_there_is_named,
    each_of_several_queries_finds_only_what_it_looks_for,
    a_reader_sees_no_draft_and_makes_none,
    rights_tell_whether_releases_can_be_written,
    rights_tell_the_rules_over_tags,
    rights_tell_whether_workflow_files_are_the_default_branchs,
    a_tag_that_a_ruleset_restricts_is_not_made_by_publishing,
);

keeps!(
    deployments:
    protection_is_read_with_all_its_rules,
    an_environment_that_is_not_there_is_none,
    the_name_of_an_environment_can_have_any_characters,
    every_pattern_is_read,
    a_new_deployment_is_queued_and_found_by_its_mark,
    a_deployment_makes_its_environment_without_protection,
    a_deployment_is_of_exactly_its_commit,
    every_state_that_is_set_is_read,
    an_older_deployment_stays_as_it_is,
    the_newest_deployments_are_listed,
    a_deployment_of_another_tool_has_no_mark,
    what_the_forge_concludes_itself_is_told,
    a_long_description_is_cut,
    a_deployment_that_is_not_there_gets_no_state,
    a_reader_reads_deployments_and_makes_none,
    only_approvals_of_the_commit_and_the_environment_since_then_count,
);

keeps!(
    people:
    an_issue_is_opened_changed_and_closed,
    an_issue_that_does_not_exist_is_none,
    every_page_of_comments_is_read_oldest_first,
    apps_and_deleted_accounts_are_no_people,
    an_edited_comment_is_told,
    a_reaction_is_new_once,
    permissions_are_those_of_the_people_asked_about,
    members_of_a_team_are_told,
    the_authors_of_commits_are_those_with_an_account,
    reviews_are_those_of_a_pull_request_with_exactly_the_files,
    every_page_of_reviews_is_read_and_comments_are_left_out,
    a_signature_is_verified_with_the_account_that_made_it,
    a_team_that_cannot_be_seen_is_never_an_empty_team,
    whoever_only_reads_opens_no_issue,
);
