//! One decides about what one saw: when it is another one meanwhile, nothing is signed.

use crate::opened::{self, now};
use control::Named;
use desk::{Desk, DeskError, Shown};
use model::{ChangeId, Digest, PersonId};
use signed::Act;
use testkit::{Double, World};

const BEFORE: Digest = Digest([1; 32]);
const AFTER: Digest = Digest([2; 32]);

struct Company {
    double: Double,
    dir: tempfile::TempDir,
    change: ChangeId,
}

impl Company {
    /// An observed draft.
    async fn new() -> Self {
        let double = Double::start().await;
        double.register(BEFORE, 64);
        double.publish(AFTER, "2026.03.2", 64);
        let change = double.draft(BEFORE);
        double.observe(change);
        Self { double, dir: tempfile::tempdir().unwrap(), change }
    }

    /// Sealed by the author.
    async fn sealed() -> Self {
        let company = Self::new().await;
        company.seal();
        company
    }

    fn seal(&self) {
        self.double.sign_and_submit(World::AUTHOR, Act::Seal { binding: self.double.binding(self.change) });
    }

    /// The author draws another one and seals it.
    fn moves(&self) {
        self.double.revise(self.change, AFTER);
        self.double.observe(self.change);
        self.seal();
    }

    async fn desk(&self, person: PersonId) -> Desk {
        opened::desk(&self.double, self.dir.path(), person).await
    }

    fn signed(&self) -> usize {
        self.double.submitted().len()
    }
}

fn moved<T: std::fmt::Debug>(answer: Result<T, DeskError>, words: &str) {
    match answer {
        Err(DeskError::Refused { code: "change.moved", message, next }) => {
            assert!(message.contains(words), "{message}");
            assert_eq!(next, "read it again, then decide");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn no_verb_is_said_about_another_revision_than_the_one_shown() {
    let company = Company::sealed().await;
    let desk = company.desk(World::OPERATOR).await;
    let id = &company.change;
    let seen = desk.shown(id).await.unwrap();
    let shown = Some(&seen);
    company.moves();
    let words = "another one than you were shown: revision 2, fingerprint ";
    moved(desk.seal(id, shown).await, words);
    moved(desk.approve(id, None, shown).await, words);
    moved(desk.reject(id, None, "not this one", shown).await, words);
    moved(desk.run(id, shown).await, words);
    for verb in [
        |change, revision| Act::Hold { change, revision },
        |change, revision| Act::Observe { change, revision },
        |change, revision| Act::Withdraw { change, revision },
        |change, revision| Act::Cancel { change, revision },
    ] {
        moved(desk.sign_and_submit_about(id, verb, None, shown).await, words);
    }
    moved(desk.release(id, None, None, shown).await, words);
    assert_eq!(company.signed(), 0, "nothing was signed");

    let read_again = desk.shown(id).await.unwrap();
    desk.approve(id, None, Some(&read_again)).await.unwrap();
    assert_eq!(company.double.state().changes[id].approvals[&0].person, World::OPERATOR);
}

#[tokio::test]
async fn another_package_is_said_before_that_it_cannot_be_planned() {
    let company = Company::sealed().await;
    let desk = company.desk(World::OPERATOR).await;
    let shown = desk.shown(&company.change).await.unwrap();
    company.double.revise(company.change, AFTER);
    moved(desk.approve(&company.change, None, Some(&shown)).await, "the package is another one");
    assert_eq!(company.signed(), 0);
}

#[tokio::test]
async fn a_plan_that_nobody_was_shown_is_not_sealed() {
    let company = Company::new().await;
    let desk = company.desk(World::AUTHOR).await;
    let id = &company.change;
    let shown = desk.shown(id).await.unwrap();
    let none = Shown { plan: None, ..shown };
    moved(desk.seal(id, Some(&none)).await, "there is a plan now, and you were shown none: fingerprint ");
    let other = Shown { plan: Some(Digest([7; 32])), ..shown };
    moved(desk.seal(id, Some(&other)).await, "the plan is another one than you were shown: fingerprint ");
    assert_eq!(company.signed(), 0);
    desk.seal(id, Some(&shown)).await.unwrap();
    // Who ends a change decides about no plan.
    desk.sign_and_submit_about(id, |change, revision| Act::Cancel { change, revision }, None, Some(&none))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_lines_to_be_pasted_name_the_package_as_a_shell_reads_it() {
    let company = Company::sealed().await;
    let view = {
        let state = company.double.state();
        let names = view::Names::default();
        view::ChangeView::of(&state, &names, &state.changes[&company.change], now())
    };
    let lines = desk::commands(&view, "/data");
    assert_eq!(lines.len(), 3);
    for (line, verb) in lines.iter().zip(["approve", "reject", "cancel"]) {
        let [before, print, after] = line.split('\'').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(before, format!("countersign change {verb} {} --package ", company.change));
        assert!(after.ends_with("--key KEY --dir /data"), "{line}");
        assert!(print.parse::<desk::Fingerprint>().unwrap().begins(&view.package), "{line}");
    }
}

#[tokio::test]
async fn nothing_is_signed_over_a_text_that_is_not_what_its_author_signed() {
    let company = Company::sealed().await;
    let desk = company.desk(World::OPERATOR).await;
    let desk = desk.with_token(&company.double.login(World::OPERATOR, model::Scope::Person));
    let id = &company.change;
    let named = |text: &str, engine: &str| {
        let mut names = view::Names::default();
        names.say(Named::Title(*id), Double::opening(text), true);
        names.say(Named::Engine(Double::ENGINE), Double::opening(engine), true);
        company.double.name(names);
    };
    for (title, engine, what) in
        [("Nothing to see", Double::ENGINE_NAME, "the title"), (Double::TITLE, "Engine Beta", "the engine's name")]
    {
        // A Governance that lies says of its own text that it matches.
        named(title, engine);
        let names = desk.names().await.unwrap();
        let shown = [names.titles[id].as_str(), &names.engine(&Double::ENGINE)];
        assert!(shown.iter().all(|shown| *shown != "Nothing to see" && *shown != "Engine Beta"), "{shown:?}");
        assert!(shown.iter().any(|shown| shown.contains("does not match what was signed")), "{shown:?}");
        match desk.approve(id, None, None).await {
            Err(DeskError::Refused { code: "text.differs", message, .. }) => {
                assert!(message.starts_with(what), "{message}");
            }
            other => panic!("signed over {what}: {other:?}"),
        }
    }
    assert_eq!(company.signed(), 0, "nothing was signed");
    named(Double::TITLE, Double::ENGINE_NAME);
    assert_eq!(desk.names().await.unwrap().titles[id], Double::TITLE);
    desk.approve(id, None, None).await.unwrap();
}
