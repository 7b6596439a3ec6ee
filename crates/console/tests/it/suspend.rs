//! The page on which a key is suspended: whose keys, and what a word there comes to.

use crate::fixture::{Console, Got};
use model::{Digest, PersonId};
use signed::ssh;
use std::net::Ipv4Addr;
use testkit::{Double, World, until};

struct Desk {
    double: Double,
    console: Console,
}

impl Desk {
    async fn of(world: World) -> Self {
        let double = Double::serve(world, (Ipv4Addr::LOCALHOST, 0).into()).await;
        let console = Console::demo(&double).await;
        Self { double, console }
    }

    /// The page of one key for a persona, once a word can be said there.
    async fn page(&self, who: PersonId, holder: PersonId, key: Digest) -> (String, Got) {
        let cookie = self.console.seated(who).await;
        let path = path(holder, key);
        let page = until("the key can be suspended", async || {
            let page = self.console.get(&path, Some(&cookie)).await;
            (!page.body.contains("data-action=\"suspend\" disabled")).then_some(page)
        })
        .await;
        (cookie, page)
    }

    /// A persona says that the key be suspended.
    async fn say(&self, who: PersonId, holder: PersonId, key: Digest) {
        let (cookie, page) = self.page(who, holder, key).await;
        let body = format!("csrf={}&person={holder}&key={key}&reason=lost", page.csrf());
        let said = self.console.post("/roster/suspend", Some(&cookie), &body).await;
        assert_eq!((said.status, said.header("location").as_str()), (303, "/roster"), "{}", said.body);
    }
}

fn path(holder: PersonId, key: Digest) -> String {
    format!("/roster/suspend?person={holder}&key={key}")
}

#[tokio::test]
async fn the_key_of_a_machine_identity_is_suspended_on_the_page_by_two_people() {
    let desk = Desk::of(World::new().with_machine()).await;
    let key = desk.double.state().roster.machine(&World::MACHINE).unwrap().key.id;
    let (cookie, page) = desk.page(World::OPERATOR, World::MACHINE, key).await;
    let machines = async || desk.console.get("/roster", Some(&cookie)).await.between("id=\"machines\"", "</ul>");
    let link = format!("href=\"{}\"", path(World::MACHINE, key).replace('&', "&#38;"));
    assert!(machines().await.contains(&link), "{}", machines().await);
    assert!(page.body.contains("ci.release, key <code>") && page.body.contains("Two people say it"), "{}", page.body);
    assert!(!page.body.contains("needs no second"), "a machine says nothing of its own key");
    let command = format!("countersign machine suspend {} --reason WHY --key KEY", World::MACHINE);
    assert!(page.body.contains(&command), "{}", page.body);

    desk.say(World::OPERATOR, World::MACHINE, key).await;
    assert!(desk.double.state().since.key_is_active(&key), "one person's word suspends nobody's key");
    let (_, page) = desk.page(World::FINANCE, World::MACHINE, key).await;
    assert!(page.between("id=\"asked\"", "</p>").contains("has asked for it"), "{}", page.body);
    desk.say(World::FINANCE, World::MACHINE, key).await;
    assert!(!desk.double.state().since.key_is_active(&key));
    let machines = machines().await;
    assert!(machines.contains("data-suspended=\"true\"") && !machines.contains("/roster/suspend"), "{machines}");
}

#[tokio::test]
async fn who_has_two_keys_is_told_which_of_them_signs_here_and_what_that_comes_to() {
    let desk = Desk::of(World::new().with_second_key(World::OPERATOR)).await;
    let signs = ssh::key_id(&World::person_key(&World::OPERATOR).public_key().to_openssh().unwrap()).unwrap();
    let (enough, one) = ("your own word is enough", "so yours is one of the two");
    for key in desk.double.state().roster.person(&World::OPERATOR).unwrap().keys.clone() {
        let (_, page) = desk.page(World::OPERATOR, World::OPERATOR, key.id).await;
        let said = (page.body.contains(enough), page.body.contains(one));
        assert_eq!(said, (key.id == signs, key.id != signs), "{}", page.body);
        // To anybody else it is one of two, whichever key it is.
        let (_, page) = desk.page(World::FINANCE, World::OPERATOR, key.id).await;
        assert!(page.body.contains("Two people say it") && !page.body.contains(enough) && !page.body.contains(one));
        assert!(page.body.contains("Whoever signs with this key itself needs no second"), "{}", page.body);
    }
    let other = desk
        .double
        .state()
        .roster
        .person(&World::OPERATOR)
        .unwrap()
        .keys
        .iter()
        .find(|key| key.id != signs)
        .unwrap()
        .id;
    desk.say(World::OPERATOR, World::OPERATOR, other).await;
    assert!(desk.double.state().since.key_is_active(&other), "it was the first of two words");
}
