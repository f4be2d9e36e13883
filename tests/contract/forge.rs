//! What a forge promises.

use crate::contract::forges::Forge;
use crate::support::client::sha;
use tminus::adapters::sim::{Author, Pull, Pushed, SimIssue};
use tminus::base::names::{BranchName, Slug, TagName};
use tminus::facts::rights::{Permission, Rights, TokenKind, Workflows};
use tminus::facts::tag_rules::{NamePattern, TagRule, TagRuleset};
use tminus::facts::{
    Blocker, BlockerKind, BlockerQuery, Blockers, CheckState, FileAt, Release, RequiredCheck, Seen,
};
use tminus::ports::{
    ForgeWrite, NewDraft, PermissionQuery, PermissionScope, PortError, Publication, Survey,
};
use tminus::release::step::{Asset, Content, sha256};

fn tag() -> TagName {
    TagName::new("v1.1.0").unwrap()
}

fn draft() -> NewDraft {
    NewDraft {
        tag: tag(),
        commit: sha('a'),
        title: "widget 1.1.0".into(),
        body: "notes <!-- marker -->".into(),
        prerelease: false,
    }
}

fn asset(name: &str, text: &str) -> Asset {
    let digest = sha256(text.as_bytes());
    Asset {
        name: name.into(),
        content: Content::Text(text.into()),
        size: text.len() as u64,
        digest,
    }
}

fn publication(release: &Release) -> Publication {
    Publication {
        release: release.id,
        tag: tag(),
        commit: sha('a'),
        latest: true,
        prerelease: false,
    }
}

async fn survey(forge: &Forge) -> tminus::ports::CommitState {
    let branch = BranchName::new("main").ok();
    forge
        .writer
        .survey(&Survey { branch, tag: Some(tag()), ..Survey::checks_on(sha('a')) })
        .await
        .unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, PortError>) {
    assert!(matches!(result, Err(PortError::Refused { .. })), "{result:?}");
}

pub(crate) async fn an_immutable_release_locks_its_tag(forge: &Forge) {
    assert_eq!(forge.writer.is_locked(&tag()).await, Ok(false), "there is no release");
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    assert_eq!(forge.writer.is_locked(&tag()).await, Ok(false), "a draft locks nothing");
    forge.writer.publish(&publication(&made)).await.unwrap();
    assert_eq!(forge.writer.is_locked(&tag()).await, Ok(true));
    let other = TagName::new("v1").unwrap();
    assert_eq!(forge.writer.is_locked(&other).await, Ok(false), "the tag of another release");
}

pub(crate) async fn a_draft_that_is_created_twice_is_two_drafts(forge: &Forge) {
    let one = forge.writer.create_draft(&draft()).await.unwrap();
    let two = forge.writer.create_draft(&draft()).await.unwrap();
    assert_ne!(one.id, two.id);
    let mut listed = forge.writer.releases(&tag()).await.unwrap();
    listed.sort_by_key(|release| release.id);
    assert_eq!(listed, [one, two]);
}

pub(crate) async fn a_draft_is_listed_and_read_by_number_but_not_by_its_tag(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    let NewDraft { title, body, commit, .. } = draft();
    assert_eq!((made.tag.as_str(), &made.name, &made.body), ("v1.1.0", &title, &body));
    assert_eq!((made.draft, made.prerelease, made.target.as_str()), (true, false, commit.as_str()));
    assert_eq!(forge.writer.releases(&tag()).await.unwrap(), std::slice::from_ref(&made));
    assert_eq!(forge.writer.release(made.id).await.unwrap(), Some(made));
    let seen = survey(forge).await;
    assert_eq!(seen.published, Seen::Known(None), "a draft is not published");
    assert_eq!(seen.tag, Seen::Known(None), "a draft makes no tag");
    let other = TagName::new("v1.1").unwrap();
    assert_eq!(forge.writer.releases(&other).await.unwrap(), []);
}

pub(crate) async fn a_release_that_is_gone_is_none(forge: &Forge) {
    assert_eq!(forge.writer.release(404).await.unwrap(), None);
    assert_eq!(forge.writer.releases(&tag()).await.unwrap(), []);
}

pub(crate) async fn an_asset_is_shown_with_its_size_and_digest(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    let sums = asset("SHA256SUMS", "abc  widget\n");
    let there = forge.writer.upload(&made, &sums).await.unwrap();
    assert_eq!((there.name.as_str(), there.size, there.uploaded), ("SHA256SUMS", 12, true));
    assert_eq!(there.digest, Some(sums.digest));
    let again = forge.writer.release(made.id).await.unwrap().unwrap();
    assert_eq!(again.assets, [there]);
}

/// An asset whose bytes are those of another release's asset.
fn copied(name: &str, of: u64, text: &str) -> Asset {
    Asset { content: Content::Release { tag: tag(), asset: of }, ..asset(name, text) }
}

pub(crate) async fn an_asset_of_another_release_is_uploaded_if_it_is_the_planned_one(
    forge: &Forge,
) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    let first = forge.writer.upload(&made, &asset("a.txt", "one")).await.unwrap();
    forge.writer.publish(&publication(&made)).await.unwrap();
    let other = NewDraft { tag: TagName::new("v1.2.0").unwrap(), ..draft() };
    let to = forge.writer.create_draft(&other).await.unwrap();
    let second = forge.writer.upload(&to, &copied("a.txt", first.id, "one")).await.unwrap();
    assert_eq!((&second.name, second.size, second.uploaded), (&first.name, 3, true));
    assert_eq!(second.digest, first.digest);
    for (of, text) in [(first.id, "two"), (first.id, "longer"), (404, "one")] {
        refused(forge.writer.upload(&to, &copied("b.txt", of, text)).await);
    }
    assert_eq!(forge.writer.release(to.id).await.unwrap().unwrap().assets, [second]);
}

pub(crate) async fn an_asset_of_the_same_name_is_refused(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    let first = forge.writer.upload(&made, &asset("a.txt", "one")).await.unwrap();
    refused(forge.writer.upload(&made, &asset("a.txt", "one")).await);
    refused(forge.writer.upload(&made, &asset("a.txt", "other")).await);
    assert_eq!(forge.writer.release(made.id).await.unwrap().unwrap().assets, [first]);
}

pub(crate) async fn a_broken_upload_blocks_its_name_until_it_is_removed(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    forge.with(|state| state.break_upload(made.id, "a.txt")).unwrap();
    let broken = forge.writer.release(made.id).await.unwrap().unwrap().assets;
    assert_eq!((broken.len(), broken[0].uploaded, &broken[0].digest), (1, false, &None));
    refused(forge.writer.upload(&made, &asset("a.txt", "one")).await);
    forge.writer.delete_asset(broken[0].id).await.unwrap();
    let whole = forge.writer.upload(&made, &asset("a.txt", "one")).await.unwrap();
    assert_eq!(forge.writer.release(made.id).await.unwrap().unwrap().assets, [whole]);
}

pub(crate) async fn publishing_twice_is_publishing_once(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    forge.writer.upload(&made, &asset("a.txt", "one")).await.unwrap();
    let one = forge.writer.publish(&publication(&made)).await.unwrap();
    let two = forge.writer.publish(&publication(&made)).await.unwrap();
    assert_eq!((one.id, one.draft, one.tag.as_str()), (made.id, false, "v1.1.0"));
    assert_eq!(one, two);
    assert_eq!(forge.writer.releases(&tag()).await.unwrap(), [one]);
}

pub(crate) async fn of_two_drafts_of_a_tag_one_is_published(forge: &Forge) {
    let one = forge.writer.create_draft(&draft()).await.unwrap();
    let two = forge.writer.create_draft(&draft()).await.unwrap();
    forge.writer.publish(&publication(&one)).await.unwrap();
    refused(forge.writer.publish(&publication(&two)).await);
    assert!(forge.writer.release(two.id).await.unwrap().unwrap().draft);
}

pub(crate) async fn publishing_makes_a_tag_only_where_there_is_none(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    forge.writer.publish(&publication(&made)).await.unwrap();
    assert_eq!(survey(forge).await.tag, Seen::Known(Some((sha('a'), sha('a')))));
    let other = TagName::new("v1.2.0").unwrap();
    forge.with(|state| state.put_light_tag(&other, &sha('b'), Author::Foreign));
    let new = NewDraft { tag: other.clone(), ..draft() };
    let made = forge.writer.create_draft(&new).await.unwrap();
    let publication = Publication { tag: other.clone(), ..publication(&made) };
    forge.writer.publish(&publication).await.unwrap();
    let asked = Survey { tag: Some(other), ..Survey::checks_on(sha('a')) };
    let seen = forge.writer.survey(&asked).await.unwrap();
    assert_eq!(seen.tag, Seen::Known(Some((sha('b'), sha('b')))), "the tag stays where it was");
}

pub(crate) async fn the_latest_release_is_the_one_that_was_said_to_be(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    forge.writer.publish(&publication(&made)).await.unwrap();
    assert_eq!(forge.with(|state| state.latest), Some(made.id));
    let old = TagName::new("v1.0.1").unwrap();
    let backport =
        forge.writer.create_draft(&NewDraft { tag: old.clone(), ..draft() }).await.unwrap();
    let publication = Publication { tag: old, latest: false, ..publication(&backport) };
    forge.writer.publish(&publication).await.unwrap();
    assert_eq!(forge.with(|state| state.latest), Some(made.id));
}

pub(crate) async fn a_published_release_takes_no_more_assets(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    let there = forge.writer.upload(&made, &asset("a.txt", "one")).await.unwrap();
    let public = forge.writer.publish(&publication(&made)).await.unwrap();
    refused(forge.writer.upload(&public, &asset("b.txt", "two")).await);
    refused(forge.writer.delete_asset(there.id).await);
    refused(forge.writer.delete_draft(made.id).await);
    assert_eq!(forge.writer.release(made.id).await.unwrap().unwrap().assets, [there]);
}

pub(crate) async fn a_removed_draft_is_gone_and_its_double_stays(forge: &Forge) {
    let one = forge.writer.create_draft(&draft()).await.unwrap();
    let two = forge.writer.create_draft(&draft()).await.unwrap();
    forge.writer.delete_draft(one.id).await.unwrap();
    assert_eq!(forge.writer.release(one.id).await.unwrap(), None);
    assert_eq!(forge.writer.releases(&tag()).await.unwrap(), [two]);
    forge.writer.delete_draft(one.id).await.unwrap();
    // What is not there and what is hidden look the same.
    let nowhere = forge.writer.upload(&one, &asset("a.txt", "one")).await;
    assert!(
        matches!(nowhere, Err(PortError::Denied { .. } | PortError::Refused { .. })),
        "{nowhere:?}"
    );
}

pub(crate) async fn a_survey_tells_checks_rules_tag_and_release(forge: &Forge) {
    let nothing = survey(forge).await;
    let checks = nothing.checks.known().unwrap();
    assert_eq!((&checks.commit, checks.total, checks.runs.len()), (&sha('a'), 0, 0));
    assert_eq!(nothing.rules, Seen::Known(Vec::new()));
    forge.with(|state| {
        state.report(&sha('a'), "build", CheckState::Finished("success".into()));
        state.report(&sha('a'), "lint", CheckState::Pending("queued".into()));
        state.report(&sha('b'), "elsewhere", CheckState::Finished("failure".into()));
        let rule = RequiredCheck { name: "build".into(), app_id: None, rule: "main".into() };
        state.rules.insert(BranchName::new("main").unwrap(), vec![rule]);
    });
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    forge.writer.upload(&made, &asset("a.txt", "one")).await.unwrap();
    forge.writer.publish(&publication(&made)).await.unwrap();
    let seen = survey(forge).await;
    let checks = seen.checks.known().unwrap();
    let mut told: Vec<_> = checks.runs.iter().map(|run| (run.name.as_str(), &run.state)).collect();
    told.sort_by_key(|(name, _)| *name);
    let build = CheckState::Finished("success".into());
    let lint = CheckState::Pending("queued".into());
    assert_eq!((told.as_slice(), checks.total), (&[("build", &build), ("lint", &lint)][..], 2));
    let required: Vec<_> =
        seen.rules.known().unwrap().iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(required, ["build"]);
    let release = seen.published.known().unwrap().as_ref().unwrap();
    assert_eq!((release.id, release.draft, release.assets.len()), (made.id, false, 1));
    assert_eq!(release.assets[0].size, 3);
}

pub(crate) async fn a_survey_tells_twins_and_the_push(forge: &Forge) {
    let main = BranchName::new("main").unwrap();
    let pushed = |before, after, second: i64| Pushed {
        branch: BranchName::new("main").unwrap(),
        before,
        after,
        at: jiff::Timestamp::from_second(1_800_000_000 + second).unwrap(),
    };
    forge.with(|state| {
        state.report(&sha('a'), "build", CheckState::Finished("success".into()));
        state.report(&sha('b'), "test", CheckState::Finished("success".into()));
        state.report(&sha('c'), "test", CheckState::Finished("success".into()));
        for (head, merge, fork) in [('b', 'a', false), ('c', 'a', false), ('d', 'a', true)] {
            let merge = Some(sha(merge));
            state.pulls.push(Pull { head: sha(head), merge, merged_at: None, fork });
        }
        for same in ['a', 'b', 'd'] {
            state.trees.insert(sha(same), sha('7'));
        }
        state.pushes = vec![
            pushed(None, sha('f'), 1),
            pushed(Some(sha('f')), sha('a'), 2),
            pushed(Some(sha('a')), sha('e'), 3),
        ];
    });
    let asked =
        Survey { branch: Some(main), same_tree: true, push: true, ..Survey::checks_on(sha('a')) };
    let seen = forge.writer.survey(&asked).await.unwrap();
    let same_tree = seen.same_tree.known().unwrap();
    let told: Vec<_> =
        same_tree.iter().map(|twin| (&twin.commit, twin.runs[0].name.as_str())).collect();
    assert_eq!(told, [(&sha('b'), "test")]);
    let push = seen.push.known().unwrap().clone().unwrap();
    assert_eq!((push.at.as_second(), push.before), (1_800_000_002, Some(sha('f'))));

    let first = Survey { commit: sha('f'), ..asked };
    let seen = forge.writer.survey(&first).await.unwrap();
    assert_eq!(seen.push.known().unwrap().clone().unwrap().before, None);
    assert_eq!(seen.same_tree, Seen::Known(Vec::new()));
    let seen = forge.writer.survey(&Survey { commit: sha('b'), ..first }).await.unwrap();
    assert_eq!(seen.push, Seen::Known(None), "it came along with another");
}

pub(crate) async fn a_push_is_told_where_nothing_reported(forge: &Forge) {
    assert_eq!(survey(forge).await.push, Seen::Known(None));
    forge.with(|state| {
        state.report(&sha('a'), "build", CheckState::Finished("success".into()));
    });
    assert_eq!(survey(forge).await.push, Seen::not_asked());
}

pub(crate) async fn a_commit_was_merged_when_its_pull_request_was(forge: &Forge) {
    let at = |second: i64| jiff::Timestamp::from_second(1_800_000_000 + second).ok();
    forge.with(|state| {
        // Squashed; merged with its commits, and later into another branch; open.
        for (head, merge, merged_at) in [
            ('b', Some('a'), at(1)),
            ('c', Some('d'), at(2)),
            ('c', Some('e'), at(3)),
            ('f', None, None),
        ] {
            let merge = merge.map(sha);
            state.pulls.push(Pull { head: sha(head), merge, merged_at, fork: false });
        }
    });
    for (commit, merged) in [('a', at(1)), ('b', at(1)), ('d', at(2)), ('c', at(3)), ('f', None)] {
        assert_eq!(forge.writer.merged(&sha(commit)).await, Ok(merged), "{commit}");
    }
    assert_eq!(forge.writer.merged(&sha('9')).await, Ok(None), "it was pushed");
}

pub(crate) async fn a_file_of_another_repository_is_read_at_exactly_its_commit(forge: &Forge) {
    let slug = Slug::new("acme/policies").unwrap();
    let text = "BEGIN:VCALENDAR\n".repeat(9);
    forge.with(|state| {
        for (path, bytes) in [
            ("a b/c.ics", text.clone().into_bytes()),
            ("binary", vec![0xff, 0xfe]),
            ("large", vec![b'x'; (1 << 20) + 1]),
        ] {
            state.elsewhere.insert(format!("acme/policies@{}:{path}", sha('a')), bytes);
        }
    });
    let read =
        async |commit, path: &str| forge.writer.file_elsewhere(&slug, &sha(commit), path).await;
    assert_eq!(read('a', "a b/c.ics").await, Ok(FileAt::Text(text)));
    assert_eq!(read('a', "binary").await, Ok(FileAt::Binary));
    assert_eq!(read('a', "large").await, Ok(FileAt::TooLarge { bytes: (1 << 20) + 1 }));
    for (commit, path) in [('b', "a b/c.ics"), ('a', "c.ics"), ('a', "a b")] {
        let refused = read(commit, path).await.unwrap_err();
        assert!(!refused.why().is_empty(), "{refused}");
    }
    let why = read('a', "c.ics").await.unwrap_err().why();
    assert!(why.contains("contents: read") && why.contains("acme/policies"), "{why}");
}

pub(crate) async fn the_past_is_what_ended_on_other_commits(forge: &Forge) {
    forge.with(|state| {
        state.report(&sha('a'), "build", CheckState::Finished("success".into()));
        state.report(&sha('b'), "build", CheckState::Finished("failure".into()));
        state.report(&sha('b'), "lint", CheckState::Pending("queued".into()));
        state.report(&sha('c'), "build", CheckState::Finished("success".into()));
    });
    let past = forge.writer.past(&sha('a')).await.unwrap();
    let told: Vec<_> = past.iter().map(|run| (run.name.as_str(), run.state.clone())).collect();
    let ended = |word: &str| CheckState::Finished(word.into());
    assert_eq!(told, [("build", ended("failure")), ("build", ended("success"))]);
    assert!(past.iter().all(|run| run.started_at.is_some() && run.completed_at.is_some()));
}

pub(crate) async fn a_reader_sees_no_draft_and_makes_none(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    let reader = forge.reader();
    assert_eq!(reader.releases(&tag()).await.unwrap(), []);
    assert_eq!(reader.release(made.id).await.unwrap(), None);
    let denied = reader.create_draft(&draft()).await;
    assert!(matches!(denied, Err(PortError::Denied { .. })), "{denied:?}");
    let hidden = reader.upload(&made, &asset("a.txt", "one")).await;
    assert!(
        matches!(hidden, Err(PortError::Denied { .. } | PortError::Refused { .. })),
        "{hidden:?}"
    );
    assert_eq!(
        forge.with(|state| (state.releases.len(), state.releases[0].release.assets.len())),
        (1, 0)
    );
}

async fn rights(of: &dyn ForgeWrite) -> Rights {
    let inquiry = PermissionQuery {
        moving: Vec::new(),
        tag: tag(),
        commit: sha('a'),
        previous: None,
        environments: Vec::new(),
        extent: PermissionScope::Whole,
    };
    of.rights(&inquiry).await.unwrap()
}

fn ruleset(name: &str, kind: &str) -> TagRuleset {
    let pattern = NamePattern { operator: "starts_with".into(), pattern: "v".into(), negate: true };
    let pattern = (kind == "tag_name_pattern").then_some(pattern);
    TagRuleset {
        id: Some(7),
        name: name.into(),
        include: vec!["refs/tags/*".into()],
        exclude: vec!["refs/tags/w*".into()],
        rules: vec![TagRule { kind: kind.into(), pattern }],
        bypass: Seen::Known(false),
    }
}

pub(crate) async fn rights_tell_whether_releases_can_be_written(forge: &Forge) {
    let may = rights(forge.writer.as_ref()).await;
    assert_eq!(may.releases, Seen::Known(Permission::Granted));
    assert_eq!(may.token.known().unwrap().kind, TokenKind::Job);
    let may_not = rights(forge.reader()).await;
    let needs = "contents: write".to_owned();
    assert_eq!(may_not.releases, Seen::Known(Permission::Denied { needs, why: None }));
    assert_eq!(forge.with(|state| state.releases.len()), 0, "asking makes nothing");
}

pub(crate) async fn rights_tell_the_rules_over_tags(forge: &Forge) {
    assert_eq!(rights(forge.writer.as_ref()).await.tag_rules, Seen::Known(Vec::new()));
    let all = vec![ruleset("releases", "creation"), ruleset("names", "tag_name_pattern")];
    forge.with(|state| state.tag_rules.clone_from(&all));
    assert_eq!(rights(forge.writer.as_ref()).await.tag_rules, Seen::Known(all));
}

pub(crate) async fn rights_tell_whether_workflow_files_are_the_default_branchs(forge: &Forge) {
    assert_eq!(rights(forge.writer.as_ref()).await.workflows, Seen::Known(Workflows::Same));
    forge.with(|state| state.settings.workflows = Workflows::Differ);
    assert_eq!(rights(forge.writer.as_ref()).await.workflows, Seen::Known(Workflows::Differ));
}

pub(crate) async fn a_tag_that_a_ruleset_restricts_is_not_made_by_publishing(forge: &Forge) {
    let made = forge.writer.create_draft(&draft()).await.unwrap();
    forge.with(|state| state.tag_rules.push(ruleset("releases", "creation")));
    refused(forge.writer.publish(&publication(&made)).await);
    assert!(forge.writer.release(made.id).await.unwrap().unwrap().draft);
    forge.with(|state| state.put_light_tag(&tag(), &sha('a'), Author::Foreign));
    assert!(!forge.writer.publish(&publication(&made)).await.unwrap().draft, "the tag is there");
}

fn issue(number: u64, kind: BlockerKind, label: &str, milestone: Option<&str>) -> SimIssue {
    let blocker = Blocker {
        number,
        kind,
        title: format!("number {number}"),
        url: format!("https://github.com/acme/widget/issues/{number}"),
        assignees: vec!["lin".into(), "omar".into()],
        labels: vec![label.into()],
        milestone: milestone.map(str::to_owned),
    };
    SimIssue { blocker, open: true }
}

pub(crate) async fn what_is_open_with_a_label_or_in_a_milestone_blocks(forge: &Forge) {
    let (bug, pull) = (BlockerKind::Issue, BlockerKind::PullRequest);
    forge.with(|state| {
        state.issues = vec![
            issue(9, bug, "blocker", None),
            issue(8, pull, "regression", Some("1.1.0")),
            issue(7, bug, "docs", Some("v1.1.0")),
            issue(6, bug, "docs", Some("v1.1.0-rc.1")),
            issue(5, pull, "docs", None),
            SimIssue { open: false, ..issue(4, bug, "blocker", Some("1.1.0")) },
        ];
    });
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let query = BlockerQuery {
        labels: names(&["blocker", "regression"]),
        milestones: names(&["1.1.0", "v1.1.0"]),
        only: None,
    };
    let found = found(forge, &query).await;
    assert_eq!((&found.query, found.total), (&query, 3));
    let open: Vec<_> = (found.open.iter())
        .map(|one| (one.number, one.kind, one.labels.join(","), one.milestone.clone()))
        .collect();
    assert_eq!(
        open,
        [
            (7, bug, String::new(), Some("v1.1.0".into())),
            (8, pull, "regression".into(), Some("1.1.0".into())),
            (9, bug, "blocker".into(), None),
        ]
    );
    assert_eq!(found.open[0].assignees, ["lin", "omar"]);
    let found = self::found(forge, &labelled("other")).await;
    assert_eq!((found.open.len(), found.missing_labels.len()), (0, 0));
}

fn labelled(label: &str) -> BlockerQuery {
    BlockerQuery { labels: vec![label.into()], ..BlockerQuery::default() }
}

async fn found(forge: &Forge, query: &BlockerQuery) -> Blockers {
    let found = forge.writer.blockers(std::slice::from_ref(query)).await.unwrap();
    let [Seen::Known(found)] = found.as_slice() else { panic!("{found:?}") };
    found.clone()
}

pub(crate) async fn a_label_that_is_not_there_is_named(forge: &Forge) {
    forge.with(|state| state.missing_labels.insert("blokcer".into()));
    assert_eq!(found(forge, &labelled("blokcer")).await.missing_labels, ["blokcer"]);
}

pub(crate) async fn each_of_several_queries_finds_only_what_it_looks_for(forge: &Forge) {
    let (bug, pull) = (BlockerKind::Issue, BlockerKind::PullRequest);
    forge.with(|state| {
        state.issues = vec![
            issue(9, bug, "blocker", None),
            issue(8, pull, "feedback", Some("1.1.0")),
            issue(7, bug, "feedback", None),
            issue(6, bug, "feedback", Some("1.1.0")),
        ];
        state.missing_labels.insert("gone".into());
    });
    let queries = [
        BlockerQuery { milestones: vec!["1.1.0".into()], ..labelled("blocker") },
        BlockerQuery::default(),
        BlockerQuery {
            labels: vec!["gone".into(), "feedback".into()],
            only: Some(bug),
            ..BlockerQuery::default()
        },
    ];
    let found = forge.writer.blockers(&queries).await.unwrap();
    let known: Vec<&Blockers> = found.iter().map(|one| one.known().unwrap()).collect();
    let numbers = known.iter().map(|found| found.open.iter().map(|one| one.number).collect());
    let numbers: Vec<Vec<u64>> = numbers.collect();
    assert_eq!(numbers, [vec![6, 8, 9], vec![], vec![6, 7]]);
    let missing = known.iter().map(|found| found.missing_labels.join(","));
    assert_eq!(missing.collect::<Vec<_>>(), ["", "", "gone"]);
}
