//! What the console shows where a source says what is not so.

use crate::fixture::Console;
use axum::Json;
use axum::extract::Query;
use axum::routing::get;
use model::Digest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use testkit::{Double, World};

/// What stands in for Platform Services: it says this manifest of whatever it is asked for, a few files at a time.
async fn saying(manifest: Value) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at: SocketAddr = listener.local_addr().unwrap();
    let ready = Json(json!({"service": "platform", "version": "0.0.0", "ready": true, "checks": []}));
    let said = Arc::new(manifest);
    let piece = async move |axum::extract::Path(digest): axum::extract::Path<String>,
                            Query(asked): Query<BTreeMap<String, usize>>| {
        let mut said = Value::clone(&said);
        let files = said["files"].as_array().unwrap().clone();
        let after = asked.get("after").copied().unwrap_or(0);
        let end = files.len().min(after + 2);
        said["files"] = json!(files[after..end]);
        said["artifact"] = json!(digest);
        (said["files_total"], said["bytes_total"]) = (json!(files.len()), json!(files.len()));
        if end < files.len() {
            said["next"] = json!(end);
        }
        Json(said)
    };
    let router = axum::Router::new()
        .route("/readyz", get(async move || ready))
        .route("/v1/artifacts", get(async || Json(json!([]))))
        .route("/v1/artifacts/{digest}/manifest", get(piece));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{at}")
}

fn manifest() -> artifact::Manifest {
    let file = |n: usize, mode| artifact::FileEntry {
        path: format!("bin/{n}").parse().unwrap(),
        mode,
        size: 1,
        sha256: Digest([7; 32]),
    };
    let mut program = testkit::program();
    program.entry.executable = "bin/0".parse().unwrap();
    let files = (0..5).map(|n| file(n, if n == 0 { artifact::Mode::Execute } else { artifact::Mode::Read })).collect();
    let (product, version) = ("pod-storefront-core".parse().unwrap(), "2026.02".parse().unwrap());
    artifact::Manifest { product, version, program: Some(program), files }
}

#[tokio::test]
async fn of_a_manifest_nothing_is_shown_that_does_not_have_its_digest() {
    let honest = manifest();
    let digest = honest.digest().unwrap();
    let mut forged = honest.clone();
    forged.program.as_mut().unwrap().entry.executable = "bin/1".parse().unwrap();
    for (said, is_shown) in [(&honest, true), (&forged, false)] {
        let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
        double.register(digest, 64);
        let platform = saying(serde_json::to_value(said).unwrap()).await;
        let console = Console::demo_with(&double, &platform).await;
        let cookie = console.seated(World::OPERATOR).await;
        let page = format!("/resources/{digest}");
        let other = "Platform Services answered with another manifest than this digest names; nothing of it is shown";
        console.says(&page, &cookie, if is_shown { "<dt>Starts</dt>" } else { other }).await;
        let shown = console.get(&page, Some(&cookie)).await.body;
        let says = ["<dt>Starts</dt>", "bin/0", "bin/1", "id=\"files\""];
        for words in says {
            assert_eq!(shown.contains(words), is_shown, "{words}: {shown}");
        }
        assert_eq!(shown.contains("5 files, 5 bytes in all"), is_shown, "{shown}");
    }
}
