//! What a process wears is read back from its own answer.

use super::life::watched;
use super::place::until;
use super::place::{Place, setup, token};
use artifact::{Answer, Mode, Source, SourceFile, Spec};
use engine::{ReadBack, Runtime};
use model::{Bundle, Digest, Profile, Side};
use signed::Served;
use std::fs;

impl Place {
    /// A program that answers with this beside its release when it is asked how it is.
    fn publish_saying(&self, more: &str, answer: Answer) -> Digest {
        let answers = format!("{{\"product\":\"own-program\",\"release\":\"1.0.0\"{more}}}");
        let script = format!("#!/bin/sh\nexec \"$COUNTERSIGN_RELEASE_DIR/bin/program\" program '{answers}'\n");
        let profile = Profile { needs: vec![], ..super::program::profile() };
        self.publish_answering("1.0.0", profile, &script, answer)
    }

    /// Starts it on the green side, worn or not.
    async fn begun(&self, runtime: &Runtime, bundle: Bundle) -> Result<engine::Begun, engine::EngineError> {
        let at = Served { side: Side::Green, bundle };
        let usual = engine::Setup { memory_mib: 128, ..setup() };
        let begun = runtime.start(self.site, at, self.side_ports[1], usual).await;
        if begun.is_ok() {
            runtime.stop(self.site.engine, Side::Green).await.unwrap();
        }
        begun
    }
}

pub async fn a_release_that_answers_as_another_bundle_is_refused() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    let (theme, other) = (place.old, place.new);
    let worn = |release| Bundle { theme: Some(theme), ..Bundle::of(release) };
    for (more, says) in [
        (format!(",\"theme\":\"{other}\""), format!("another theme than {}", theme.short())),
        (",\"theme\":\"dark\"".to_owned(), format!("another theme than {}", theme.short())),
        (format!(",\"theme\":\"{theme}\",\"artifact\":\"{other}\""), "another artifact than".to_owned()),
    ] {
        let release = place.publish_saying(&more, Answer::Release);
        let refused = place.begun(&runtime, worn(release)).await.unwrap_err();
        assert_eq!((refused.code(), refused.is_unknown()), (token("bundle.other"), false), "{refused}");
        let told = refused.to_string();
        assert!(told.contains(&says) && told.contains("COUNTERSIGN_THEME"), "{told}");
        assert!(!told.contains(&other.short()), "its own words are not repeated: {told}");
        assert!(super::place::below(&place.store()).is_empty(), "it was stopped again");
    }
    // One that wears none and says that it does.
    let saying = place.publish_saying(&format!(",\"theme\":\"{theme}\""), Answer::Release);
    let refused = place.begun(&runtime, Bundle::of(saying)).await.unwrap_err();
    assert!(refused.to_string().contains("was started with none"), "{refused}");
    let begun = place.begun(&runtime, worn(saying)).await.unwrap();
    assert_eq!((begun.theme, begun.artifact), (Some(ReadBack::Same), Some(ReadBack::NotSaid)));
    for silent in [place.publish_saying("", Answer::Release), place.publish_saying(",\"theme\":1", Answer::Plain)] {
        let begun = place.begun(&runtime, worn(silent)).await.unwrap();
        assert_eq!(begun.theme, Some(ReadBack::NotSaid), "what names none is not said to wear it");
        assert_eq!(place.begun(&runtime, Bundle::of(silent)).await.unwrap().theme, None);
    }
}

pub async fn what_answers_as_another_bundle_later_is_not_healthy() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    let (engine, theme) = (place.site.engine, place.old);
    let bundle = Bundle { theme: Some(theme), ..Bundle::of(place.publish_saying("", Answer::Release)) };
    let at = Served { side: Side::Green, bundle };
    place.deploy_with(&runtime, 0, at, engine::Setup { memory_mib: 128, ..setup() }).await;
    let health = || async { runtime.engine(&engine).await.unwrap().sides[0].health.clone() };
    let found = health().await.unwrap();
    assert!(found.ok && found.theme == Some(ReadBack::NotSaid) && found.why.contains("not read back"), "{found:?}");
    let says = place.dir().join("engines").join(engine.to_string()).join("data/says");
    fs::write(says, format!("{{\"release\":\"1.0.0\",\"theme\":\"{}\"}}", place.new)).unwrap();
    let seen = engine::Seen { generation: 1, serving: Some(at) };
    let refused = runtime.soak(engine, seen, 10_000).await.unwrap_err();
    assert_eq!(refused.code(), token("bundle.other"), "{refused}");
    let other = || async { health().await.filter(|found| !found.ok && found.theme == Some(ReadBack::Other)) };
    until("the watch says it", other).await;
}

/// What a program answers may be a secret of it, and comes to stand in an entry: it is compared, and not repeated.
pub async fn the_words_of_an_answer_are_not_repeated() {
    const PLANTED: &str = "planted-secret-0001";
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    let engine = place.site.engine;
    let bundle = Bundle::of(place.publish_saying("", Answer::Release));
    let at = Served { side: Side::Green, bundle };
    place.deploy_with(&runtime, 0, at, engine::Setup { memory_mib: 128, ..setup() }).await;
    let data = place.dir().join("engines").join(engine.to_string()).join("data");
    for (says, told) in [
        (format!("{{\"release\":\"{PLANTED}\"}}"), "another release than 1.0.0"),
        (format!("{{\"product\":\"{PLANTED}\",\"release\":\"1.0.0\"}}"), "another product than own-program"),
        (format!("{{\"product\":\"{PLANTED}\"}}"), "no release"),
        (format!("{{\"release\":\"1.0.0\",\"artifact\":\"{PLANTED}\"}}"), "another artifact than"),
        (format!("{PLANTED} {{"), "does not name its release as JSON"),
    ] {
        fs::write(data.join("says"), &says).unwrap();
        let seen = engine::Seen { generation: 1, serving: Some(at) };
        let refused = runtime.soak(engine, seen, 10_000).await.unwrap_err().to_string();
        assert!(refused.contains(told) && !refused.contains(PLANTED), "{says}: {refused}");
        let found = || async {
            let shown = runtime.engine(&engine).await.unwrap();
            let why = shown.sides[0].health.as_ref().map(|health| health.why.clone()).unwrap_or_default();
            why.contains(told).then(|| serde_json::to_string(&shown).unwrap())
        };
        let (shown, _) = until("the watch says it", found).await;
        assert!(!shown.contains(PLANTED), "{shown}");
    }
}

pub async fn a_shop_that_wears_its_theme_says_so() {
    let place = Place::new();
    let shipped = &storefront::themes()[0];
    let file = |(path, bytes): &(&str, &[u8])| SourceFile {
        path: path.parse().unwrap(),
        mode: Mode::Read,
        source: Source::Bytes(bytes.to_vec()),
    };
    let spec = Spec { product: token("theme"), version: token("1"), program: None };
    let archive = place.path("theme.tar");
    artifact::pack(spec, shipped.files.iter().map(file).collect(), &archive).unwrap();
    let (_, _, theme) = artifact::unpack(&archive, &place.store()).unwrap();
    let (runtime, _watch) = watched(&place, Place::timing());
    let bundle = Bundle { theme: Some(theme), ..Bundle::of(place.old) };
    place.deploy_with(&runtime, 0, Served { side: Side::Green, bundle }, setup()).await;
    let health = runtime.engine(&place.site.engine).await.unwrap().sides[0].health.clone().unwrap();
    assert!(health.ok && !health.why.contains("not read back"), "{health:?}");
    assert_eq!((health.artifact, health.theme), (Some(ReadBack::Same), Some(ReadBack::Same)));
}
