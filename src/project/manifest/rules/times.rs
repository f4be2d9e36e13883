//! Rules for the `schedule` section that go beyond its shape.

use super::Rules;
use crate::base::finding::Finding;
use crate::base::names::Sha;
use crate::project::manifest::check::suggestion;
use crate::project::manifest::leaf::seconds;
use crate::project::manifest::node::Node;
use crate::project::manifest::schedule::{dates, slug, span};
use crate::project::schedule::zone;

/// The longest `cut-off` and `late` of a train, in seconds.
const LONGEST_CUT_OFF: u64 = 366 * 86_400;

impl Rules<'_> {
    pub(super) fn schedule(&mut self) {
        let Some(section) = self.root.get("schedule") else { return };
        if let Some(node) = section.get("timezone")
            && let Some(Err(error)) = node.text().map(zone)
        {
            let help = "write a name such as `Europe/Paris` or `UTC`";
            self.report(Finding::new(error.to_string()).help(help), node.span, "");
        }
        for key in ["freezes", "windows"] {
            for entry in section.get(key).map_or(&[][..], Node::items) {
                self.freeze_or_window(entry);
            }
        }
        self.trains(section);
    }

    fn freeze_or_window(&mut self, entry: &Node) {
        let times = ["weekly", "yearly", "from", "until"];
        let elsewhere = ["repository", "commit"];
        let other = elsewhere.into_iter().find(|key| entry.get(key).is_some());
        if let (Some(key), None) = (other, entry.get("calendar")) {
            let help = "add `calendar`: the path of the file in that repository";
            let finding = Finding::new(format!("`{key}` needs `calendar`")).help(help);
            return self.report(finding, entry.span, "");
        }
        let finding = match (entry.get("calendar"), span(entry)) {
            (Some(_), _) => match times.into_iter().find(|key| entry.get(key).is_some()) {
                None => return self.elsewhere(entry),
                Some(key) => Finding::new(format!("`calendar` and `{key}` cannot be combined"))
                    .help("write them as two entries"),
            },
            (None, Some(Ok(_))) if entry.get("name").is_none() => {
                Finding::new("it has no `name`").help("add a `name`")
            }
            (None, Some(Ok(_))) => return,
            (None, Some(Err(error))) => Finding::new(error.to_string()).help(
                "write `Fri 16:00 - Mon 08:00` or `Sat - Sun` for weeks, `12-24 - 01-02` for \
                 years, and `2026-12-18` or `2026-12-18 16:00` for dates",
            ),
            (None, None) => Finding::new("the time is missing or ambiguous")
                .help("set exactly one of `weekly`, `yearly`, or `from` with `until`"),
        };
        self.report(finding, entry.span, "");
    }

    /// A calendar in another repository, at one commit.
    fn elsewhere(&mut self, entry: &Node) {
        let (repository, commit) = (entry.get("repository"), entry.get("commit"));
        let (Some(repository), Some(commit)) = (repository, commit) else {
            if let Some(key) = repository.or(commit) {
                let help = "add both, or neither for a file in this repository";
                let finding = Finding::new("`repository` and `commit` belong together").help(help);
                self.report(finding, key.span, "");
            }
            return;
        };
        if repository.text().is_some_and(|text| slug(text).is_none()) {
            let finding = Finding::new("it is not a repository").help("write `owner/name`");
            self.report(finding, repository.span, "");
        }
        if commit.text().is_some_and(|text| Sha::new(text).is_err()) {
            let help =
                "write all 40 digits: a branch could change the schedule without a review here";
            self.report(Finding::new("it is not a full commit ID").help(help), commit.span, "");
        }
        if self.root.get("forge").and_then(Node::text) == Some("none") {
            let help = "copy the file into this repository";
            let finding =
                Finding::new("without a forge, tminus cannot read other repositories").help(help);
            self.report(finding, repository.span, "");
        }
    }

    fn trains(&mut self, section: &Node) {
        let mut names: Vec<&str> = Vec::new();
        for entry in section.get("trains").map_or(&[][..], Node::items) {
            let finding = match dates(entry) {
                Some(Ok(_)) => None,
                Some(Err(error)) => Some(Finding::new(error.to_string()).help(
                    "write `every: 14d` with `from: \"2026-12-01 10:00\"`, `cron: \"0 10 * * \
                     TUE\"`, or `dates: [\"2026-12-01 10:00\"]`",
                )),
                None => Some(
                    Finding::new("the time at which this train leaves is missing or ambiguous")
                        .help("set exactly one of `every` with `from`, `cron`, or `dates`"),
                ),
            };
            if let Some(finding) = finding {
                self.report(finding, entry.span, "");
            }
            self.train_stages(entry);
            for key in ["cut-off", "late"] {
                let Some(node) = entry.get(key) else { continue };
                if node.text().and_then(seconds).is_some_and(|it| it > LONGEST_CUT_OFF) {
                    self.report(
                        Finding::new(format!("`{key}` is longer than a year")),
                        node.span,
                        "",
                    );
                }
            }
            if let Some(node) = entry.get("name")
                && let Some(name) = node.text()
            {
                if names.contains(&name) {
                    let finding = Finding::new(format!("two trains are named `{name}`"));
                    self.report(finding, node.span, "again here");
                }
                names.push(name);
            }
        }
    }

    /// Without `stages`, the manifest has the default stages.
    fn train_stages(&mut self, train: &Node) {
        for stage in train.get("stages").map_or(&[][..], Node::items) {
            let Some(name) = stage.text() else { continue };
            let known: Vec<&str> =
                (0..self.stages().len()).map(|number| self.stage_name(number)).collect();
            if !known.is_empty() && !known.contains(&name) {
                let finding = Finding::new(format!("unknown stage `{name}`"))
                    .help(suggestion(name, "stage", &known));
                self.report(finding, stage.span, "");
            }
        }
    }
}
