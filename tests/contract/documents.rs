//! What the documents in a remote promise.

use crate::contract::remotes::Place;
use crate::support::bench_repo::tag;
use jiff::Timestamp;
use tminus::base::names::{EnvironmentName, Sha};
use tminus::ports::{Document, DocumentChange, PortError, RemoteChange};

fn environment(name: &str) -> Document {
    Document::Environment(EnvironmentName::new(name).unwrap())
}

fn documents() -> [Document; 3] {
    let train = Document::Train("every other week".into());
    [environment("production"), Document::Samples(tag("v9.0.0")), train]
}

async fn write(
    remote: &dyn RemoteChange,
    which: &Document,
    at: Option<&Sha>,
    text: &str,
) -> Result<Sha, PortError> {
    let now = Timestamp::from_second(1_750_000_000).unwrap();
    let line = "1.1.0 entered";
    remote.replace_document(&DocumentChange { which, at, text, line, now }).await
}

async fn read(place: &Place, which: &Document) -> Option<(Sha, String)> {
    place.remote.document(which).await.unwrap()
}

fn behind(result: Result<Sha, PortError>) {
    assert!(matches!(result, Err(PortError::Behind { .. })), "{result:?}");
}

pub(crate) async fn a_document_that_nobody_wrote_is_none(place: &Place) {
    assert_eq!(read(place, &environment("production")).await, None);
    assert_eq!(read(place, &Document::Samples(tag("v9.0.0"))).await, None);
}

pub(crate) async fn a_document_is_created_only_where_there_is_none(place: &Place) {
    for which in documents() {
        let remote = place.remote.as_ref();
        behind(write(remote, &which, Some(&place.commit), "{}").await);
        let text = "{\n  \"é\": \"\\u001b\"\n}\n";
        let first = write(remote, &which, None, text).await.unwrap();
        behind(write(remote, &which, None, "{}").await);
        behind(write(remote, &which, None, text).await);
        assert_eq!(read(place, &which).await, Some((first, text.to_owned())));
    }
}

pub(crate) async fn a_document_is_replaced_only_while_it_is_the_one_that_was_read(place: &Place) {
    for which in documents() {
        let remote = place.remote.as_ref();
        let first = write(remote, &which, None, "1").await.unwrap();
        let second = write(remote, &which, Some(&first), "2").await.unwrap();
        behind(write(remote, &which, Some(&first), "3").await);
        assert_eq!(read(place, &which).await, Some((second.clone(), "2".into())));
        // Back to the text of the beginning is not back to the beginning.
        let third = write(remote, &which, Some(&second), "1").await.unwrap();
        assert_ne!(third, first);
        behind(write(remote, &which, Some(&first), "3").await);
        behind(write(remote, &which, Some(&second), "3").await);
        assert_eq!(read(place, &which).await, Some((third, "1".into())));
    }
}

pub(crate) async fn every_environment_has_a_document_of_its_own(place: &Place) {
    let long = "x".repeat(255);
    let names = [
        "production",
        "pro",
        "on call",
        "on-call",
        "eu/west",
        "eu",
        "eu%2Fwest",
        "größe 東京",
        ".",
        "..",
        "-x",
        "a..b",
        "a.lock",
        "@",
        "@{0}",
        "~^:?*[\\",
        "\"'`$",
        &long,
        &"東".repeat(255),
        &"東".repeat(254),
        &"é".repeat(255),
    ];
    let mut written = Vec::new();
    for name in names {
        let which = environment(name);
        let remote = place.remote.as_ref();
        let at = write(remote, &which, None, name).await;
        written.push((which, at.unwrap_or_else(|error| panic!("{name}: {error}")), name));
    }
    for (which, at, name) in written {
        assert_eq!(read(place, &which).await, Some((at, name.to_owned())), "{name}");
    }
}

pub(crate) async fn a_document_is_listed_as_a_ref_of_tminus(place: &Place) {
    let which = environment("on call");
    let at = write(place.remote.as_ref(), &which, None, "{}").await.unwrap();
    let refs = place.remote.refs().await.unwrap();
    let found = refs.iter().find(|one| one.name == which.ref_name()).unwrap();
    assert_eq!((&found.name[..], &found.commit), ("refs/tminus/environments/on%20call", &at));
}
