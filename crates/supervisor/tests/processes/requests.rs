//! The socket: stop, start, and what it refuses.

use crate::fixture::{Fixture, alive, options, relock};
use std::os::unix::fs::PermissionsExt as _;
use supervisor::{Request, Response, State, Supervisor, SupervisorError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn a_stopped_child_stays_stopped_until_it_is_started() {
    let fixture = Fixture::start(&[("node", "exec cat"), ("engine", "exec cat")]);
    let (pid, engine) = (fixture.wait_pid("node").await, fixture.wait_pid("engine").await);
    for _ in 0..2 {
        // The answer comes when the process is gone; asking twice is asking once.
        let Response::Done { services } = fixture.ask(Request::Stop { name: "node".into() }).await else { panic!() };
        assert!(!alive(pid));
        let node = services.iter().find(|service| service.name == "node").unwrap();
        assert_eq!((node.state, node.pid, node.ready, node.restarts), (State::Stopped, None, false, 0));
        assert_eq!(node.last_exit.as_ref().unwrap().how, "exit code 0", "its pipe was closed and it ended by itself");
    }
    let Response::Done { services } = fixture.ask(Request::Start { name: "node".into() }).await else { panic!() };
    let node = services.iter().find(|service| service.name == "node").unwrap();
    assert_eq!((node.state, node.restarts), (State::Running, 0), "a start that was asked for is no restart");
    let again = node.pid;
    fixture.ask(Request::Start { name: "node".into() }).await;
    assert_eq!(Some(fixture.wait_pid("node").await), again, "what runs is not started again");
    assert_eq!(fixture.wait_pid("engine").await, engine);
    fixture.end().await.1.unwrap();
}

#[tokio::test]
async fn a_child_that_keeps_dying_can_be_stopped() {
    let fixture = Fixture::start(&[("node", "exit 1")]);
    fixture.wait("node", "a few restarts", |node| node.restarts > 2).await;
    fixture.ask(Request::Stop { name: "node".into() }).await;
    let node = fixture.wait("node", "a stop", |node| node.state == State::Stopped).await;
    assert_eq!(node.last_exit.unwrap().how, "exit code 1");
    fixture.end().await.1.unwrap();
}

#[tokio::test]
async fn the_socket_is_private_and_refuses_what_it_cannot_do() {
    let fixture = Fixture::start(&[("node", "exec cat"), ("engine", "exec cat")]);
    let answer = fixture.ask(Request::Stop { name: "nodes".into() }).await;
    assert_eq!(answer, Response::Refused { message: "there is no such service here; there are engine, node".into() });
    let path = fixture.dir.path().join("supervisor.sock");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for line in ["", "status\n", "{\"do\":\"kill\"}\n", "{\"do\":\"stop\"}\n", &"x".repeat(100_000)] {
        let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
        // A line beyond the limit is not read to its end, so the write may find the socket closed.
        drop(stream.write_all(line.as_bytes()).await);
        drop(stream.shutdown().await);
        let mut text = String::new();
        if stream.read_to_string(&mut text).await.is_ok() {
            assert!(text.starts_with(r#"{"answer":"refused""#), "{line}: {text}");
        }
    }
    fixture.wait_pid("node").await;
    let (dir, outcome) = fixture.end().await;
    outcome.unwrap();
    assert!(!path.exists());
    let error = supervisor::request(dir.path(), &Request::Status).await.unwrap_err();
    assert!(matches!(error, SupervisorError::NotRunning { .. }), "{error}");
    assert!(error.to_string().contains("countersign serve --dir"), "{error}");
}

#[tokio::test]
async fn a_dead_supervisors_socket_is_replaced() {
    let fixture = Fixture::start(&[("node", "exec cat")]);
    fixture.wait_pid("node").await;
    let (dir, outcome) = fixture.end().await;
    outcome.unwrap();
    drop(std::os::unix::net::UnixListener::bind(dir.path().join("supervisor.sock")).unwrap());
    // A process that another test is starting right now has the socket open until it begins.
    let mut error = supervisor::request(dir.path(), &Request::Status).await.unwrap_err();
    while error.to_string().contains("reset by peer") {
        error = supervisor::request(dir.path(), &Request::Status).await.unwrap_err();
    }
    assert!(matches!(error, SupervisorError::NotRunning { .. }), "{error}");
    let lock = relock(dir.path()).await;
    Supervisor::run(lock, options(dir.path(), &[]), |_, _| {}, std::future::ready(())).await.unwrap();
}

#[tokio::test]
async fn names_that_cannot_be_files_are_refused_before_anything_starts() {
    for names in [&["../node"][..], &[""], &["Node"], &["node", "node"], &["a-name-longer-than-thirty-two-characters"]]
    {
        let dir = tempfile::tempdir().unwrap();
        let scripts: Vec<(&str, &str)> = names.iter().map(|name| (*name, "exec cat")).collect();
        let lock = supervisor::lock(dir.path()).unwrap();
        let error =
            Supervisor::run(lock, options(dir.path(), &scripts), |_, _| {}, std::future::pending()).await.unwrap_err();
        assert!(matches!(error, SupervisorError::Name(_)), "{error}");
        assert!(!dir.path().join("logs").exists());
    }
}
