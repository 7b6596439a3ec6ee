//! A form decides about what its page showed, and about nothing that came since.

use crate::fixture::{Console, Got};
use control::Command;
use model::{ChangeId, Digest};
use signed::Act;
use std::net::Ipv4Addr;
use testkit::{Double, World, until};

const BEFORE: Digest = Digest([1; 32]);
const AFTER: Digest = Digest([2; 32]);
/// Verbs that rest on Governance alone, which is all there is here.
const STOPPING: [&str; 4] = ["reject", "hold", "withdraw", "cancel"];

struct Desk {
    double: Double,
    console: Console,
    cookie: String,
    change: ChangeId,
}

impl Desk {
    /// An operator before a change that another one sealed.
    async fn open() -> Self {
        let double = Double::serve(World::scoped(), (Ipv4Addr::LOCALHOST, 0).into()).await;
        double.register(BEFORE, 64);
        double.publish(AFTER, "2026.03.2", 64);
        let change = double.draft(BEFORE);
        let console = Console::demo(&double).await;
        let cookie = console.seated(World::OPERATOR).await;
        let desk = Self { double, console, cookie, change };
        desk.seal().await;
        desk
    }

    fn path(&self) -> String {
        format!("/changes/{}", self.change)
    }

    async fn seal(&self) {
        self.double.observe(self.change);
        self.double.sign_and_submit(World::AUTHOR, Act::Seal { binding: self.double.binding(self.change) });
        // Until then an act is refused because of the source it rests on.
        let fresh = format!("value=\"{}\"", self.double.binding(self.change).package);
        until("the sealed package can be acted on", async || {
            (self.page().await.body.contains(&fresh) && self.can("reject").await).then_some(())
        })
        .await;
    }

    async fn page(&self) -> Got {
        self.console.get(&self.path(), Some(&self.cookie)).await
    }

    async fn can(&self, verb: &str) -> bool {
        let page = self.page().await;
        page.body.contains(&format!("data-action=\"{verb}\""))
            && !page.between(&format!("data-action=\"{verb}\""), ">").contains("disabled")
    }

    /// Sends a form; what the page says then.
    async fn press(&self, verb: &str, fields: &str) -> String {
        let path = format!("{}/{verb}", self.path());
        let answer = self.console.post(&path, Some(&self.cookie), fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.console.get(&answer.header("location"), Some(&self.cookie)).await.body
    }

    /// What people signed here.
    fn signed(&self) -> usize {
        self.double.submitted().iter().filter(|command| matches!(command, Command::Signed { .. })).count()
    }
}

/// The hidden fields of a form as its page has them.
fn fields(page: &Got, verb: &str) -> String {
    let form = page.between(&format!("id=\"act-{verb}\""), "</form>");
    let value = |name: &str| {
        let rest = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{name}: {form}"));
        format!("{name}={}", rest.split('"').next().unwrap())
    };
    ["csrf", "revision", "package", "plan"].map(value).join("&")
}

#[tokio::test]
async fn what_a_page_showed_is_not_signed_for_what_came_since() {
    let desk = Desk::open().await;
    let old = fields(&desk.page().await, "reject");
    desk.double.revise(desk.change, AFTER);
    desk.seal().await;
    for verb in STOPPING {
        let page = desk.press(verb, &format!("{old}&reason=no")).await;
        assert!(page.contains("change.moved") && page.contains("revision 2, fingerprint "), "{verb}: {page}");
    }
    assert_eq!(desk.signed(), 0);

    let read_again = fields(&desk.page().await, "reject");
    desk.press("reject", &format!("{read_again}&reason=no")).await;
    assert_eq!(desk.double.state().changes[&desk.change].status, model::Status::Rejected);
    assert_eq!(desk.signed(), 1);
}

#[tokio::test]
async fn what_was_said_is_told_once_with_the_entry_that_records_it_and_no_address_tells_it() {
    let desk = Desk::open().await;
    for verb in STOPPING.into_iter().chain(["open", "seal", "approve", "run", "release"]) {
        let claimed = desk.console.get(&format!("{}?said={verb}", desk.path()), Some(&desk.cookie)).await;
        assert!(claimed.status == 200 && !claimed.body.contains("id=\"said\""), "{verb}");
    }
    let fields = fields(&desk.page().await, "reject");
    let (path, body) = (format!("{}/reject", desk.path()), format!("{fields}&reason=no"));
    let answer = desk.console.post(&path, Some(&desk.cookie), &body).await;
    assert_eq!(answer.header("location"), desk.path(), "nothing of it is in the address");
    // A page that reads itself again, in another tab, takes it from nobody; nor does another change's.
    let again = [("cookie", desk.cookie.as_str()), ("hx-request", "true")];
    assert!(!desk.console.send("GET", &desk.path(), &again, "").await.body.contains("id=\"said\""));
    let told = desk.page().await.between("id=\"said\"", "</p>");
    let entry = desk.double.state().changes[&desk.change].last;
    let link = format!("Rejected in <a href=\"/entries/control/{entry}\">entry {entry}</a>.");
    assert!(told.contains(&link), "{told}");
    assert!(!desk.page().await.body.contains("id=\"said\""), "once");
}

#[tokio::test]
async fn a_refusal_waits_for_the_person_and_is_not_taken_by_a_page_that_reads_itself_again() {
    let desk = Desk::open().await;
    let path = format!("{}/reject", desk.path());
    let bare = format!("csrf={}", desk.page().await.csrf());
    desk.console.post(&path, Some(&desk.cookie), &bare).await;
    let again = [("cookie", desk.cookie.as_str()), ("hx-request", "true")];
    assert!(!desk.console.send("GET", &desk.path(), &again, "").await.body.contains("form.malformed"));
    assert!(desk.page().await.body.contains("form.malformed"));
}

#[tokio::test]
async fn a_form_that_does_not_say_what_it_showed_decides_nothing() {
    let desk = Desk::open().await;
    let page = desk.page().await;
    let whole = fields(&page, "reject");
    let csrf = format!("csrf={}", page.csrf());
    let parts: Vec<_> = whole.split('&').collect();
    let without =
        |name: &str| parts.iter().filter(|part| !part.starts_with(name)).copied().collect::<Vec<_>>().join("&");
    for bad in [
        csrf,
        without("revision"),
        without("package"),
        without("plan"),
        whole.replace("revision=1", "revision=one"),
        whole.replace("package=", "package=0"),
        whole.replace("plan=", "plan=x"),
    ] {
        let others =
            ["seal", "approve", "run", "release", "observe", "redraw", "abort", "revoke", "review", "reconcile"];
        for verb in others.into_iter().chain(STOPPING) {
            let page = desk.press(verb, &format!("{bad}&reason=no")).await;
            assert!(page.contains("form.malformed"), "{verb} {bad}: {page}");
        }
    }
    assert_eq!(desk.signed(), 0);
}

#[tokio::test]
async fn the_lines_to_be_pasted_carry_the_fingerprint_that_the_page_shows() {
    let desk = Desk::open().await;
    let page = desk.page().await;
    let print = page.between("class=\"fingerprint\">", "<");
    assert_eq!(print.len(), 39);
    for verb in ["approve", "reject"] {
        let line = page.between(&format!("countersign change {verb} {}", desk.change), "</code>").replace("&#39;", "'");
        assert!(line.contains(&format!(" --package '{print}' ")), "{line}");
    }
}
