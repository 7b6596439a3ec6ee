//! Each recipe of `docs/recipes`, with the real program, under its limits: packed, started, healthy, asked; the next
//! version, and the way back, with what was kept.
//!
//! A machine that lacks a program skips its recipe, and says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod node;
mod postgres;

use node::{Node, has, skipped};
use std::fs;
use std::process::Command;

/// What all of them do: keep what is posted, and answer with the release and all that was kept.
async fn keeps_what_was_posted(node: &Node, recipe: &str, more: &[&str]) {
    let first = node.deploy(recipe, "1.0.0", more).await;
    assert_eq!(node.get("/").await, format!("{first}\n"));
    node.post("/", "from the first").await;
    let second = node.deploy(recipe, "2.0.0", more).await;
    assert_ne!(first, second);
    assert_eq!(node.get("/").await, format!("{second}\nfrom the first\n"));
    node.post("/", "from the second").await;
    node.back_to(first).await;
    assert_eq!(node.get("/").await, format!("{first}\nfrom the first\nfrom the second\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_alone_is_on_nearly_every_machine() {
    if !has("/usr/bin/python3") {
        return skipped("python_alone_is_on_nearly_every_machine", "there is no /usr/bin/python3");
    }
    let node = Node::new();
    keeps_what_was_posted(&node, "python", &[]).await;
    assert!(node.printed().contains("listening on port"), "{}", node.printed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_static_server_of_go() {
    if !has("/usr/bin/go") && !has("/usr/local/go/bin/go") {
        return skipped("a_static_server_of_go", "no Go is installed (`apt install golang-go`)");
    }
    let node = Node::new();
    let dir = node.copy("go");
    let go = if has("/usr/bin/go") { "/usr/bin/go" } else { "/usr/local/go/bin/go" };
    let mut build = Command::new(go);
    build.args(["build", "-trimpath", "-o", "server", "."]).current_dir(&dir);
    let built = build.env("CGO_ENABLED", "0").env("GOCACHE", node.path("go-cache")).env("GOFLAGS", "-mod=mod").status();
    assert!(built.unwrap().success());
    keeps_what_was_posted(&node, "go", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gunicorn_with_flask_and_sqlite() {
    let flask = Command::new("/usr/bin/python3").args(["-c", "import flask"]).output();
    if !has("/usr/bin/gunicorn") || !flask.is_ok_and(|ran| ran.status.success()) {
        let why = "gunicorn and Flask are not installed (`apt install gunicorn python3-flask`)";
        return skipped("gunicorn_with_flask_and_sqlite", why);
    }
    let node = Node::new();
    node.copy("flask");
    keeps_what_was_posted(&node, "flask", &[]).await;
    assert!(node.printed().contains("POST /"), "its access log is kept: {}", node.printed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_with_express() {
    if !has("/usr/bin/node") || !has("/usr/bin/npm") {
        return skipped("node_with_express", "Node.js and npm are not installed in /usr/bin");
    }
    let node = Node::new();
    let dir = node.copy("express");
    let mut npm = Command::new("/usr/bin/npm");
    npm.args(["install", "--omit=dev", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]).current_dir(&dir);
    if !npm.env("HOME", node.path("home")).status().unwrap().success() {
        return skipped("node_with_express", "npm could not fetch express: no registry is in reach");
    }
    keeps_what_was_posted(&node, "express", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_that_takes_its_time() {
    let javac = Command::new("/usr/bin/javac").arg("-version").output();
    if !has("/usr/bin/java") || !javac.is_ok_and(|ran| ran.status.success()) {
        return skipped("java_that_takes_its_time", "no JDK is installed in /usr/bin");
    }
    let node = Node::new();
    keeps_what_was_posted(&node, "java", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_with_a_folder() {
    if !has("/usr/sbin/nginx") {
        return skipped("nginx_with_a_folder", "nginx is not installed (`apt install nginx-light`)");
    }
    let node = Node::new();
    let dir = node.copy("nginx");
    let first = node.deploy("nginx", "1.0.0", &[]).await;
    assert_eq!(node.get("/release").await, format!("{first}\n"));
    assert!(node.get("/").await.contains("served by nginx"));
    node.put("/kept/note.txt", "kept").await;
    let page = node.get("/").await;
    fs::write(dir.join("site/index.html"), "the second").unwrap();
    fs::write(dir.join("site/second.html"), "only of the second").unwrap();
    let second = node.deploy("nginx", "2.0.0", &[]).await;
    assert_ne!(first, second);
    assert_eq!(node.get("/").await, "the second");
    assert_eq!(node.get("/second.html").await, "only of the second");
    assert_eq!(node.get("/release").await, format!("{second}\n"));
    assert_eq!(node.get("/kept/note.txt").await, "kept");
    node.put("/kept/later.txt", "from the second").await;
    node.back_to(first).await;
    assert_eq!(node.get("/").await, page);
    assert_eq!(node.get("/release").await, format!("{first}\n"));
    assert_eq!(node.status("/second.html").await, 404, "what only the second had is gone with it");
    assert_eq!(node.get("/kept/note.txt").await, "kept");
    assert_eq!(node.get("/kept/later.txt").await, "from the second", "what was kept under the second stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_postgresql_reaches_it_and_nothing_else() {
    let name = "what_needs_postgresql_reaches_it_and_nothing_else";
    let driver = Command::new("/usr/bin/python3").args(["-c", "import psycopg2"]).output();
    if !driver.is_ok_and(|ran| ran.status.success()) {
        return skipped(name, "psycopg2 is not installed (`apt install python3-psycopg2`)");
    }
    let node = Node::new();
    let database = match postgres::Database::start(&node.path("database")) {
        Ok(database) => database,
        Err(why) => return skipped(name, &why),
    };
    node.give(database.given(node.deposit(&database.url())));
    let port = database.port.to_string();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let other = other.local_addr().unwrap().port();
    node.copy("postgres");
    keeps_what_was_posted(&node, "postgres", &["--outbound", &port]).await;
    assert_eq!(node.get(&format!("/reaches/{port}")).await, "True");
    if node.limits_ports().await {
        assert_eq!(node.get(&format!("/reaches/{other}")).await, "False");
    }
    assert!(!node.printed().contains(postgres::PASSWORD));
    for item in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(item.path().join("cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&line).contains(postgres::PASSWORD));
    }
}
