//! The workflow that publishes the calendar on GitHub Pages, for others to subscribe to.
//!
//! One job reads the repository and cannot publish; the other publishes and cannot read it.

use super::{HEADER, Job, branches, checkout, reads, step};
use crate::judge::gates::{self, GateSelection};
use crate::project::manifest::Manifest;
use crate::report::job_limits::gate_minutes;
use std::fmt::Write as _;

const KEEP_PAGE: &str =
    "actions/upload-pages-artifact@7b1f4a764d45c48632c6b24a0339c27f5614fb0b # v4.0.0";
const PUBLISH_PAGE: &str = "actions/deploy-pages@d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e # v4.0.5";

/// The folder that becomes the page.
const FOLDER: &str = "tminus-calendar";

/// The file that others subscribe to.
const FILE: &str = "releases.ics";

/// The time limit of the job that publishes.
const MINUTES: u64 = 10;

/// The workflow.
pub(super) fn workflow(manifest: &Manifest) -> String {
    let mut text = format!("{HEADER}\nname: tminus-calendar\n\non:\n  push:\n");
    text.push_str(&branches(manifest));
    text.push_str("  workflow_dispatch:\n");
    text.push_str("  # The forecast changes as time passes.\n  schedule:\n");
    text.push_str("    - cron: \"43 4 * * *\"\n\npermissions: {}\n\n");
    text.push_str("concurrency:\n  group: tminus-calendar\n  cancel-in-progress: false\n\njobs:\n");
    read(manifest, &mut text);
    publish(manifest, &mut text);
    text
}

fn read(manifest: &Manifest, text: &mut String) {
    let mut permissions = vec![("contents: read", "the manifest, the history and the ledgers")];
    permissions.extend(reads(manifest, &gates::needs(manifest, &GateSelection::default())));
    if manifest.stages.iter().any(|stage| stage.environment.is_some()) {
        permissions.push(("deployments: read", "the deployments of the environments"));
    }
    if manifest.asks_people() {
        permissions.push(("issues: read", "the tracking issue"));
    }
    let job = Job {
        id: "calendar",
        name: "tminus calendar",
        needs: Vec::new(),
        condition: None,
        minutes: gate_minutes(manifest),
        environment: None,
        permissions,
        outputs: &[],
    };
    job.begin(manifest, text);
    checkout(text);
    let report = format!("ics={FOLDER}/{FILE}");
    let with = [("command", "calendar"), ("report", report.as_str())];
    step(manifest, "Write the calendar", None, &with, text);
    let _ = write!(
        text,
        "      - name: Store the page\n        uses: {KEEP_PAGE}\n        with:\n          path: {FOLDER}\n"
    );
}

fn publish(manifest: &Manifest, text: &mut String) {
    let job = Job {
        id: "publish",
        name: "tminus calendar page",
        needs: vec!["calendar".into()],
        condition: None,
        minutes: MINUTES,
        environment: Some(format!(
            "    environment:\n      name: github-pages\n      url: ${{{{ steps.page.outputs.page_url }}}}{FILE}\n"
        )),
        permissions: vec![
            ("pages: write", "to publish the page"),
            ("id-token: write", "to prove which workflow publishes it"),
        ],
        outputs: &[],
    };
    job.begin(manifest, text);
    let _ = write!(
        text,
        "      - name: Publish the page\n        id: page\n        uses: {PUBLISH_PAGE}\n"
    );
}
