//! Children that die, refuse, and become ready.

use crate::fixture::{Fixture, alive, kill_9, relock, until, written_pid};
use supervisor::{Request, State, SupervisorError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_killed_child_is_started_again_and_remembered() {
    let fixture = Fixture::start(&[("node", "echo up; exec cat"), ("engine", "exec cat")]);
    let other = fixture.wait_pid("engine").await;
    let log = fixture.dir.path().join("logs/node.log");
    let runs = async |runs| {
        until("its line", async || (std::fs::read_to_string(&log).ok()? == "up\n".repeat(runs)).then_some(())).await;
    };
    for restarts in 1..=3 {
        runs(restarts).await;
        let pid = fixture.wait_pid("node").await;
        kill_9(pid);
        let node = fixture
            .wait("node", "a restart", |node| node.restarts as usize == restarts && node.state == State::Running)
            .await;
        assert_ne!(node.pid, Some(pid));
        let last = node.last_exit.unwrap();
        assert_eq!((last.how.as_str(), last.last_lines), ("signal 9", vec!["up".to_owned()]));
    }
    assert_eq!(fixture.wait_pid("engine").await, other, "its neighbour never noticed");
    runs(4).await;
    fixture.end().await.1.unwrap();
}

#[tokio::test]
async fn a_child_that_refuses_its_first_start_is_named_and_the_others_go_on() {
    // It refuses only once its neighbour runs, so that there is something to go on.
    let refuse = r#"while [ ! -s "$0/pid" ]; do :; done; echo starting; echo "no ledger here: run init" >&2; exit 78"#;
    let neighbour = r#"echo $$ > "$0/pid"; exec cat"#;
    let fixture = Fixture::start(&[("governance", refuse), ("node", neighbour)]);
    let governance = fixture.wait("governance", "a refusal", |child| child.state == State::Refused).await;
    let last = governance.last_exit.unwrap();
    assert_eq!(last.last_lines, ["starting", "no ledger here: run init"]);
    let pid = written_pid(&fixture.dir.path().join("pid")).await;
    assert!(alive(pid));
    assert_eq!(fixture.wait("node", "it", |node| node.state == State::Running).await.restarts, 0);
    fixture.end().await.1.unwrap();
}

#[tokio::test]
async fn children_that_all_refuse_end_it_and_say_why() {
    let refuse = r#"echo "no ledger here: run init" >&2; exit 78"#;
    let fixture = Fixture::start(&[("governance", refuse), ("node", refuse)]);
    let error = fixture.run.await.unwrap().unwrap_err();
    let text = error.to_string();
    let SupervisorError::Refused { cause, .. } = error else { panic!("{text}") };
    assert_eq!(cause, ["no ledger here: run init"]);
    assert!(text.contains("refused to start, as did every other service: no ledger here"), "{text}");
    relock(fixture.dir.path()).await;
}

#[tokio::test]
async fn a_child_that_refuses_later_is_left_alone_until_it_is_started() {
    let script = r#"if [ -e "$0/refuse" ]; then echo "another format" >&2; exit 78; fi; exec cat"#;
    let fixture = Fixture::start(&[("node", script), ("engine", "exec cat")]);
    let (pid, engine) = (fixture.wait_pid("node").await, fixture.wait_pid("engine").await);
    let refuse = fixture.dir.path().join("refuse");
    std::fs::write(&refuse, "").unwrap();
    kill_9(pid);
    let node = fixture.wait("node", "a refusal", |node| node.state == State::Refused).await;
    let last = node.last_exit.unwrap();
    assert_eq!((last.how.as_str(), last.last_lines), ("exit code 78", vec!["another format".to_owned()]));
    assert_eq!(fixture.wait_pid("engine").await, engine);
    std::fs::remove_file(refuse).unwrap();
    fixture.ask(Request::Start { name: "node".into() }).await;
    fixture.wait("node", "its start", |node| node.state == State::Running && node.restarts == 1).await;
    fixture.end().await.1.unwrap();
}

#[tokio::test]
async fn an_executable_that_is_not_there_is_a_refusal() {
    let fixture = Fixture::start_with(&[("node", "")], |options| options.exe = "/nowhere/countersign".into());
    let text = fixture.run.await.unwrap().unwrap_err().to_string();
    assert!(
        text.contains("node refused to start, as did every other service: cannot start /nowhere/countersign"),
        "{text}"
    );
}

#[tokio::test]
async fn a_child_is_ready_while_its_probe_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let fixture = Fixture::start_with(&[("node", "exec cat")], |options| options.services[0].probe = at);
    let answer = |text: &'static str| {
        let listener = &listener;
        async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 512];
                assert_ne!(stream.read(&mut request).await.unwrap(), 0);
                stream.write_all(text.as_bytes()).await.unwrap();
            }
        }
    };
    tokio::select! {
        () = answer("HTTP/1.1 200 OK\r\n\r\n") => {}
        _ = fixture.wait("node", "readiness", |node| node.ready) => {}
    }
    tokio::select! {
        () = answer("HTTP/1.1 503 Service Unavailable\r\n\r\n") => {}
        _ = fixture.wait("node", "its end", |node| !node.ready && node.state == State::Running) => {}
    }
    fixture.end().await.1.unwrap();
}
