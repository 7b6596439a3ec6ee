//! What rules of another number mean for past decisions, on the page of the change that asks for them. Only builds
//! for tests know a second number: `cargo xtask test` makes one of them for these tests.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot set up its world has failed")]

#[allow(dead_code, unused_imports, reason = "what these tests have no use for")]
#[path = "../it/fixture.rs"]
mod fixture;

use crate::fixture::Console;
use control::{Body, Setting};
use model::{ChangeId, Digest, SettingName, canon};
use signed::Act;
use std::net::Ipv4Addr;
use testkit::{Double, World};

#[tokio::test]
async fn the_page_of_other_rules_says_which_past_words_they_would_have_decided_otherwise() {
    let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
    double.register(Digest([1; 32]), 64);
    let held = double.draft(Digest([1; 32]));
    double.observe(held);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding: double.binding(held) });
    double.sign_and_submit(World::AUDITOR, Act::Hold { change: held, revision: 1 });
    let setting = Setting::Rules { number: 1 };
    double.keep("settings", canon::to_vec(&setting).unwrap());
    let (name, next, change) = (SettingName::Rules, setting.digest().unwrap(), ChangeId([8; 16]));
    let base = double.state().settings[&name];
    double.open(World::AUTHOR, change, Body::Settings { name, base, next }, None);
    let console = Console::demo(&double).await;
    let cookie = console.seated(World::OPERATOR).await;
    let path = format!("/changes/{change}");
    console.says(&path, &cookie, "id=\"past\"").await;
    let past = console.get(&path, Some(&cookie)).await.between("id=\"past\"", "</section>");
    assert!(
        past.contains("newest words about changes, 1 would have been decided otherwise under the rules 1"),
        "{past}"
    );
    assert!(
        past.contains("hold, entry") && past.contains("refused: ") && past.contains("change.reason_missing"),
        "{past}"
    );
}
