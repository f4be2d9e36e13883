//! What happens below HTTP: connections that break at the worst moment.

use crate::github::stub::*;
use std::sync::{Arc, Mutex};
use tminus::base::names::TagName;
use tminus::ports::{ForgeRead, ForgeWrite, NewDraft, PortError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is written, and whether the connection is kept.
type Reply = (String, bool);

/// Answers requests with raw bytes, the last first; what lacks its end is followed by a hang-up.
async fn raw(replies: Vec<Reply>) -> (Stub, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stub = Stub::start().await;
    stub.base = format!("http://{}", listener.local_addr().unwrap());
    let (replies, asked) = (Arc::new(Mutex::new(replies)), Arc::new(Mutex::new(Vec::new())));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&replies), Arc::clone(&seen)));
        }
    });
    (stub, asked)
}

async fn serve(
    mut stream: TcpStream,
    replies: Arc<Mutex<Vec<Reply>>>,
    asked: Arc<Mutex<Vec<String>>>,
) {
    while let Some(line) = request(&mut stream).await {
        asked.lock().unwrap().push(line);
        let (reply, whole) = replies.lock().unwrap().pop().unwrap_or_default();
        if stream.write_all(reply.as_bytes()).await.is_err() || !whole {
            return;
        }
    }
}

/// Reads a whole request; gives its first line.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let lower = head.to_ascii_lowercase();
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return text.lines().next().map(String::from);
        }
    }
}

fn ok(body: &str, length: usize) -> Reply {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
    (format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}"), body.len() == length)
}

#[tokio::test]
async fn a_write_on_a_broken_connection_is_not_retried() {
    let first = release(9, true).to_string();
    let (stub, asked) = raw(vec![(String::new(), false), ok(&first, first.len())]).await;
    let (github, _) = stub.github();
    github.release(9).await.unwrap();
    let (tag, title, body) = (TagName::new("v1").unwrap(), String::new(), String::new());
    let draft = NewDraft { tag, commit: commit(), title, body, prerelease: false };
    let error = github.create_draft(&draft).await.unwrap_err();
    assert!(matches!(error, PortError::NoAnswer { .. }), "{error}");
    let posts = asked.lock().unwrap().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn a_write_with_a_truncated_response_is_not_retried() {
    let (stub, asked) = raw(vec![ok("{\"id\":9", 500)]).await;
    let error = stub.github().0.delete_asset(9).await.unwrap_err();
    let PortError::NoAnswer { why, .. } = error else { panic!("{error}") };
    assert!(why.starts_with("the response ended early: "), "{why}");
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_read_with_a_truncated_response_is_retried() {
    let (stub, asked) = raw(vec![ok("[]", 2), ok("[", 500), (String::new(), false)]).await;
    assert!(stub.github().0.releases(&tag()).await.unwrap().is_empty());
    assert_eq!(asked.lock().unwrap().len(), 3);
}
