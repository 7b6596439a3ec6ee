//! What is published: listed, shown, published on forms, and a theme looked at before it is bound.

use crate::fixture::{Console, Got, in_earnest};
use artifact::{Mode, Source, SourceFile, Spec, pack};
use client::{Http, PlatformClient};
use follower::ServiceOptions;
use model::{Digest, PersonId, Resource, Scope, Service};
use signed::Act;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use testkit::{Double, World, until};
use tokio::sync::oneshot;

const CONFIG: &str = "memory_mib = 128\nsoak_s = 5\n\n[values]\nMODE = \"live\"\n\n[secrets]\nDATABASE_URL = \"abababababababababababababababababababababababababababababababab\"\n";
const RETENTION: &str = "[audit]\nyears = 7\n\n[billing]\nby = \"finance-reviewer\"\nwithin_days = 30\nstatements = [\"memory\"]\n\n[export]\nformats = [\"csv\"]\ndays = 90\n\n[data]\nthen = \"hand_over\"\ndays = 30\n";
const FORM: &str = "/resources/new";

/// Somebody at a console beside a Governance and real Platform Services.
struct Place {
    double: Double,
    console: Console,
    cookie: String,
    platform: String,
    dir: tempfile::TempDir,
    _stop: oneshot::Sender<()>,
}

impl Place {
    async fn of(person: PersonId) -> Self {
        let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
        double.register(Digest([1; 32]), 64);
        let (dir, listener) = (tempfile::tempdir().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let platform = format!("http://{}", listener.local_addr().unwrap());
        let options = ServiceOptions {
            dir: dir.path().join("platform"),
            listener,
            governance: double.url().to_owned(),
            trust: double.trust(),
            key: World::service_key(Service::Platform),
            key_file: "keys/own.key".into(),
            version: "1.2.3".to_owned(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let (service, keep) = (options, control::KeepRule::default());
            let options = platform::PlatformOptions { service, keep, accept_clock: false };
            platform::run(options, async { drop(stopped.await) }).await.unwrap();
        });
        let console = Console::demo_with(&double, &platform).await;
        let cookie = console.seated(person).await;
        let place = Self { double, console, cookie, platform, dir, _stop: stop };
        until("something can be published", async || {
            (!place.get("/resources/new?what=theme").await.body.contains("id=\"ask-blocked\"")).then_some(())
        })
        .await;
        place
    }

    async fn get(&self, path: &str) -> Got {
        self.console.get(path, Some(&self.cookie)).await
    }

    /// Sends the form of a sort; where it leads.
    async fn send(&self, what: Resource, answers: &[(&str, &str)], file: Option<(&str, &[u8])>) -> String {
        let csrf = self.get(&format!("{FORM}?what={what}")).await.csrf();
        let fields = [("csrf", csrf.as_str()), ("what", what.word())].into_iter().chain(answers.iter().copied());
        let fields: Vec<_> = fields.collect();
        let answer = self.console.upload(FORM, &self.cookie, &fields, file).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(self.console.scratches(), 0, "nothing of it stays");
        answer.header("location")
    }

    /// It is published; its digest.
    async fn publishes(&self, what: Resource, answers: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Digest {
        let page = self.send(what, answers, file).await;
        let Ok(digest) = page.trim_start_matches("/resources/").parse() else {
            panic!("{page}: {}", self.get(&page).await.between("id=\"refusal\"", "</section>"));
        };
        assert_eq!(self.double.state().resources[&digest].content.resource(), what);
        self.console.says(&page, &self.cookie, "data-resource").await;
        digest
    }

    /// It is refused on its form, for a field or for none, and nothing is recorded; the refusal's part of the page.
    async fn refuses(
        &self,
        what: Resource,
        answers: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
        (field, code): (&str, &str),
    ) -> String {
        let before = self.double.state().resources.len();
        let form = format!("{FORM}?what={what}");
        assert_eq!(self.send(what, answers, file).await, form, "{answers:?} {code}");
        let page = self.get(&form).await;
        assert!(page.body.contains(&format!("data-code=\"{code}\"")), "{code}: {}", page.body);
        if !field.is_empty() {
            assert!(page.body.contains(&format!("id=\"publish-{field}-wrong\"")), "{field}: {}", page.body);
        }
        for (name, value) in answers.iter().filter(|(name, value)| *name == "name" && value.len() < 100) {
            assert!(page.body.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{}", page.body);
        }
        assert_eq!(self.double.state().resources.len(), before, "nothing was published");
        page.between("id=\"refusal\"", "</section>")
    }

    fn pack(&self, files: &[(&str, &[u8])]) -> (Digest, Vec<u8>) {
        packed_theme(&self.dir.path().join("theme.tar"), files)
    }
}

fn packed_theme(path: &Path, files: &[(&str, &[u8])]) -> (Digest, Vec<u8>) {
    let spec = Spec { product: "acme-native".parse().unwrap(), version: "2026.03".parse().unwrap(), program: None };
    let file = |(path, bytes): &(&str, &[u8])| SourceFile {
        path: path.parse().unwrap(),
        mode: Mode::Read,
        source: Source::Bytes(bytes.to_vec()),
    };
    let digest = pack(spec, files.iter().map(file).collect(), path).unwrap().1;
    (digest, std::fs::read(path).unwrap())
}

/// The head of a PNG that says it has 60,000 pixels each way.
const HUGE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0\0\0\0\0";

#[tokio::test]
async fn a_config_and_a_retention_policy_are_published_and_shown() {
    let place = Place::of(World::OPERATOR).await;
    let tenant = Double::TENANT.to_string();
    let answers = |document: &'static str| {
        [("product", "storefront-alpha"), ("version", "3"), ("name", ""), ("document", document)]
    };
    let config = place.publishes(Resource::Config, &answers(CONFIG), None).await;
    let page = place.get(&format!("/resources/{config}")).await;
    for words in [
        "storefront-alpha 3",
        ">MODE<",
        ">live<",
        "a secret, by reference abab",
        "128 MiB",
        "5 s at least",
        "No engine is bound to it now.",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let ask = format!("/changes/new?kind=deployment&config={config}");
    assert!(page.body.replace("&#38;", "&").contains(&ask), "{}", page.body);
    // The same by a file, JSON, for one tenant alone.
    let json = serde_json::to_string(&document::retention("a.toml", RETENTION).unwrap()).unwrap();
    let answers =
        [("product", "retention-standard"), ("version", "1"), ("name", "The standard"), ("tenant", tenant.as_str())];
    let policy = place.publishes(Resource::Retention, &answers, Some(("standard.json", json.as_bytes()))).await;
    let page = place.get(&format!("/resources/{policy}")).await;
    for words in
        ["readable and provable for at least 7 years", "handed over within 30 days, then destroyed", "only engines of"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let list = place.get("/resources").await;
    for digest in [config, policy] {
        assert!(list.body.contains(&format!("href=\"/resources/{digest}\"")), "{}", list.body);
    }
    assert_eq!(place.get(&format!("/resources/{}", "0".repeat(64))).await.status, 404);
    assert_eq!(place.get("/resources/what").await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_with_a_document_is_said_at_its_place_and_nothing_is_published() {
    let place = Place::of(World::OPERATOR).await;
    let all = |name: &'static str, document: &'static str| {
        [("product", "alpha"), ("version", "3"), ("name", name), ("document", document)]
    };
    let wrong = place
        .refuses(Resource::Config, &all("A", "memory_mib = 5\nmemory = 7\n"), None, ("document", "document.wrong"))
        .await;
    assert!(wrong.contains("the text:2: unknown field"), "{wrong}");
    let secret = "[secrets]\nA = \"planted-secret\"\n";
    let file = Some(("alpha.toml", secret.as_bytes()));
    let wrong = place.refuses(Resource::Config, &all("A", "")[..3], file, ("file", "document.wrong")).await;
    assert!(wrong.contains("alpha.toml:2: a secret is named by the digest") && !wrong.contains("planted"), "{wrong}");
    let file = Some(("alpha.toml", CONFIG.as_bytes()));
    place.refuses(Resource::Config, &all("A", CONFIG), file, ("document", "form.two_documents")).await;
    place.refuses(Resource::Config, &all("A", ""), None, ("document", "form.missing")).await;
    place.refuses(Resource::Retention, &all("A", CONFIG), None, ("document", "document.wrong")).await;
    for (field, value, code) in [
        ("product", "", "form.missing"),
        ("product", "two words", "form.malformed"),
        ("version", "", "form.missing"),
        ("tenant", "nobody", "form.malformed"),
    ] {
        let mut answers: Vec<_> = all("A", CONFIG).into_iter().filter(|(name, _)| *name != field).collect();
        answers.push((field, value));
        place.refuses(Resource::Config, &answers, None, (field, code)).await;
    }
    place.refuses(Resource::Config, &all("turned \u{202e} round", CONFIG), None, ("name", "text.character")).await;
    let long = "#".repeat(49 << 10);
    place.refuses(Resource::Config, &[("document", long.as_str())], None, ("document", "body.too_large")).await;
    let long = "#".repeat((256 << 10) + 1);
    let file = Some(("alpha.toml", long.as_bytes()));
    place.refuses(Resource::Config, &all("A", "")[..3], file, ("file", "body.too_large")).await;
    let tenant = Double::TENANT.to_string();
    place.publishes(Resource::Config, &[&all("A", CONFIG)[..], &[("tenant", &tenant)]].concat(), None).await;
    place.publishes(Resource::Config, &all("A", CONFIG), None).await;
    place.refuses(Resource::Config, &all("B", CONFIG), None, ("", "resource.published")).await;
}

#[tokio::test]
async fn what_reads_like_a_secret_is_published_only_where_it_is_said_that_everybody_may_read_it() {
    let place = Place::of(World::OPERATOR).await;
    let planted = "[values]\nAPI_TOKEN = \"planted\"\nMODE = \"live\"\n";
    let all = |public: &'static str| {
        [("product", "alpha"), ("version", "3"), ("name", "A"), ("document", planted), ("public", public)]
    };
    let wrong = ("public", "config.readable_secret");
    for public in ["", "MODE", "api_token"] {
        let said = place.refuses(Resource::Config, &all(public), None, wrong).await;
        assert!(said.contains("API_TOKEN") && !said.contains("planted"), "{said}");
    }
    let file = Some(("alpha.toml", planted.as_bytes()));
    place.refuses(Resource::Config, &all("")[..3], file, wrong).await;
    place.publishes(Resource::Config, &all("MODE, API_TOKEN"), None).await;
    assert!(!place.get(&format!("{FORM}?what=retention")).await.body.contains("name=\"public\""));
}

#[tokio::test]
async fn an_artifact_is_published_by_upload_and_certified() {
    let place = Place::of(World::OPERATOR).await;
    let path = place.dir.path().join("a.tar");
    let digest = testkit::packed(&path, "2026.04", b"hello");
    let tar = std::fs::read(&path).unwrap();
    let name = [("name", "Storefront 2026.04")];
    for (file, code) in [
        (&tar[..tar.len() / 2], "artifact.not_acceptable"),
        (&b"garbage"[..], "artifact.not_acceptable"),
        (&b""[..], "form.missing"),
    ] {
        place.refuses(Resource::Artifact, &name, Some(("a.tar", file)), ("file", code)).await;
    }
    place.refuses(Resource::Theme, &name, Some(("a.tar", &tar)), ("file", "theme.a_program")).await;
    let (_, theme) = place.pack(&[("theme.css", b"a{color:red}")]);
    place.refuses(Resource::Artifact, &name, Some(("a.tar", &theme)), ("file", "artifact.no_program")).await;
    assert_eq!(place.publishes(Resource::Artifact, &name, Some(("a.tar", &tar))).await, digest);
    let page = format!("/resources/{digest}");
    place.console.says(&page, &place.cookie, "<dt>Certified</dt>").await;
    let page = place.get(&page).await;
    for words in ["<dt>Memory</dt>", "<dt>Healthy within</dt>", "<dt>Made for</dt>"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    for words in [
        "<dt>Starts</dt><dd>bin/engine {listen}</dd>",
        "GET /healthz answers 200 and names this release",
        "told by {listen} and PORT in its environment",
        "2 files, 15 bytes in all.",
        "<code>bin/engine</code> <span class=\"tag\">executable</span>",
        &Digest::of_bytes(b"hello").to_string(),
        "<dt>Held</dt><dd>by Platform Services</dd>",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(page.body.contains(&format!("countersign artifact inspect {digest} --dir")), "{}", page.body);
    // Who signs for a change that binds it reads there what starts and what counts as healthy.
    let change = place.double.draft(digest);
    let shown = format!("/changes/{change}");
    place.console.says(&shown, &place.cookie, "<dt>Starts</dt><dd>bin/engine {listen}</dd>").await;
    let healthy = "<dt>Is healthy when</dt><dd>GET /healthz answers 200 and names this release, as JSON</dd>";
    place.console.says(&shown, &place.cookie, healthy).await;
    // The same again: kept again where its archive is gone, and recorded once.
    let before = place.double.state().resources.len();
    let again = place.send(Resource::Artifact, &name, Some(("a.tar", &tar))).await;
    assert_eq!((again, place.double.state().resources.len()), (format!("/resources/{digest}"), before));
}

#[tokio::test]
async fn of_many_files_a_page_lists_the_first_and_the_command_that_lists_them_all() {
    let place = Place::of(World::OPERATOR).await;
    let path = place.dir.path().join("many.tar");
    let file = |n: usize| SourceFile {
        path: format!("data/{n:03}").parse().unwrap(),
        mode: Mode::Read,
        source: Source::Bytes(vec![0; n]),
    };
    let program = testkit::program();
    let start = SourceFile {
        path: program.entry.executable.clone(),
        mode: Mode::Execute,
        source: Source::Bytes(b"#!/bin/sh\n".to_vec()),
    };
    let (product, version) = ("pod-storefront-core".parse().unwrap(), "2026.05".parse().unwrap());
    let spec = Spec { product, version, program: Some(program) };
    let files = std::iter::once(start).chain((0..99).map(file)).collect();
    let digest = pack(spec, files, &path).unwrap().1;
    let tar = std::fs::read(&path).unwrap();
    place.publishes(Resource::Artifact, &[("name", "Many")], Some(("many.tar", &tar))).await;
    let page = place.get(&format!("/resources/{digest}")).await;
    let said = page.between("id=\"files-said\">", "</p>");
    assert!(said.contains("100 files") && said.contains("the first 50 by path, and 50 more"), "{said}");
    assert!(page.body.contains("<code>data/048</code>") && !page.body.contains("<code>data/049</code>"));
    assert!(page.body.contains(&format!("countersign artifact inspect {digest} --json --dir")), "{}", page.body);
}

#[tokio::test]
async fn a_release_whose_keeper_is_silent_or_has_dropped_it_says_so_and_shows_no_empty_list() {
    let double = Double::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await;
    double.register(Digest([1; 32]), 64);
    let page = format!("/resources/{}", Digest([1; 32]));
    let silent = Console::demo(&double).await;
    let cookie = silent.seated(World::OPERATOR).await;
    silent.says(&page, &cookie, "Platform Services did not say what it is made of").await;
    let shown = silent.get(&page, Some(&cookie)).await;
    assert!(shown.body.contains("platform.unreachable") && !shown.body.contains("id=\"files\""), "{}", shown.body);
    assert!(shown.body.contains("<dt>Memory</dt>"), "what the ledger has of it stays: {}", shown.body);

    let place = Place::of(World::OPERATOR).await;
    place.console.says(&page, &place.cookie, "no longer held; publish it again").await;
    let shown = place.get(&page).await;
    assert!(shown.body.contains("artifact.not_found") && !shown.body.contains("id=\"files\""), "{}", shown.body);
    assert!(shown.body.contains("holds no archive of it now"), "{}", shown.body);
}

#[tokio::test]
async fn a_theme_is_published_by_upload_and_shown_in_a_frame_that_cannot_act() {
    let place = Place::of(World::OPERATOR).await;
    let files: &[(&str, &[u8])] = &[
        ("theme.css", b"body{color:red}\n.brand{display:none}"),
        ("img/a b.png", include_bytes!("two_by_two.png")),
        ("OFL.txt", b"free"),
    ];
    let (digest, tar) = place.pack(files);
    assert_eq!(place.publishes(Resource::Theme, &[], Some(("theme.tar", &tar))).await, digest);
    let page = format!("/resources/{digest}");
    place.console.says(&page, &place.cookie, "id=\"preview\"").await;
    let shown = place.get(&page).await;
    for words in ["acme-native 2026.03", "theme.css:2:8: `display: none` hides what it selects", "img/a b.png", "2 × 2"]
    {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    let frame = shown.between("<iframe id=\"preview\"", ">");
    assert!(
        frame.contains("sandbox=\"allow-same-origin\"") && frame.contains(&format!("src=\"{page}/preview\"")),
        "{frame}"
    );
    assert!(shown.header("content-security-policy").contains("frame-src 'self'"));
    assert!(!place.get("/resources").await.header("content-security-policy").contains("frame-src"), "nowhere else");
    let preview = place.get(&format!("{page}/preview")).await;
    assert!(preview.status == 200 && preview.body.contains("class=\"hero\""), "{}", preview.body);
    assert!(preview.body.contains(&format!("href=\"{page}/preview/theme/theme.css\"")), "{}", preview.body);
    for path in ["", "/style.css", "/theme/theme.css", "/theme/img/a%20b.png"] {
        let answer = place.get(&format!("{page}/preview{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-security-policy"), storefront::PREVIEW_POLICY, "{path}");
        assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("set-cookie").is_empty(), "{path}");
    }
    for path in ["/theme/OFL.txt", "/theme/manifest.json", "/theme/../style.css", "/theme/nothing.css"] {
        assert_eq!(place.get(&format!("{page}/preview{path}")).await.status, 404, "{path}");
    }
    // Nothing that is no theme is shown in a frame.
    let other = Digest([1; 32]);
    assert_eq!(place.get(&format!("/resources/{other}/preview")).await.status, 404);
    assert!(!place.get(&format!("/resources/{other}")).await.body.contains("<iframe"));
}

#[tokio::test]
async fn what_is_no_theme_is_refused_with_file_and_place_by_upload_and_by_preview_alike() {
    let place = Place::of(World::OPERATOR).await;
    let person =
        PlatformClient::new(Http::new(&place.platform).bearer(place.double.login(World::OPERATOR, Scope::Person)));
    let css = |text: &'static str| vec![("theme.css", text.as_bytes().to_vec())];
    let beside = |path: &'static str, bytes: Vec<u8>| vec![("theme.css", b"a{color:red}".to_vec()), (path, bytes)];
    let attacks = [
        (css("a{color:red}\n@import url(other.css);"), "theme.css:2:1: css.at_rule"),
        (css("a{background:/*x*/url(/*x*/'//evil.example')}"), "theme.css:1:19: css.syntax"),
        (css("a{background:u\\72l(https://evil.example)}"), "theme.css:1:14: css.escape"),
        (css("a{--x:url(https://evil.example);background:var(--x)}"), "theme.css:1:7: css.url"),
        (css("a{background:image-set('https://evil.example/x.png' 1x)}"), "theme.css:1:14: css.function"),
        (css("a{width:expression(alert(1))}"), "theme.css:1:9: css.function"),
        (css("a{behavior:url(img/a.png)}"), "theme.css:1:3: css.property"),
        (css("</style><script>alert(1)</script>"), "theme.css:1:1: css.markup"),
        (beside("a.svg", b"<svg onload='alert(1)'/>".to_vec()), "a.svg: file.svg"),
        (beside("a.js", b"alert(1)".to_vec()), "a.js: file.kind"),
        (beside("a.png", b"<svg onload='alert(1)'/>".to_vec()), "a.png:byte 0: file.magic"),
        (beside("a.png", HUGE.to_vec()), "a.png:byte 16: image.size"),
        (vec![("other.css", b"a{color:red}".to_vec())], "theme.css: theme.entry"),
    ];
    for (files, fault) in attacks {
        let files: Vec<_> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
        let (digest, tar) = place.pack(&files);
        let name = [("name", "Acme Native")];
        let refused = place.refuses(Resource::Theme, &name, Some(("theme.tar", &tar)), ("file", "theme.refused")).await;
        assert!(refused.contains(&format!("<li>{fault}")), "{fault}: {refused}");
        // Published past the console, it is shown no more than that.
        // Platform Services learns from the ledger who has signed in.
        until("it is taken", async || person.upload(&digest, tar.clone().into()).await.ok()).await;
        let (product, version) = ("acme-native".parse().unwrap(), "2026.03".parse().unwrap());
        let act = Act::Publish { resource: Resource::Theme, digest, product, version, tenant: None };
        place.double.sign_and_submit(World::OPERATOR, act);
        let page = format!("/resources/{digest}");
        place.console.says(&page, &place.cookie, "theme.unacceptable").await;
        let page = place.get(&page).await;
        assert!(
            page.body.contains(&format!("<li>{fault}")) && !page.body.contains("<iframe"),
            "{fault}: {}",
            page.body
        );
        assert!(page.body.contains("No package may name it."), "{}", page.body);
        let preview = place.get(&format!("/resources/{digest}/preview")).await;
        assert_eq!(preview.status, 409);
        assert!(
            preview.body.contains(&format!("<li>{fault}")) && !preview.body.contains("class=\"hero\""),
            "{}",
            preview.body
        );
        assert_eq!(preview.header("content-security-policy"), storefront::PREVIEW_POLICY);
        assert_eq!(place.get(&format!("/resources/{digest}/preview/theme/theme.css")).await.status, 404);
    }
    assert_eq!(place.console.scratches(), 0);
}

#[tokio::test]
async fn an_upload_that_is_broken_off_or_foreign_leaves_nothing() {
    let place = Place::of(World::OPERATOR).await;
    let path = place.dir.path().join("a.tar");
    testkit::packed(&path, "2026.04", &vec![7; 300_000]);
    let tar = std::fs::read(&path).unwrap();
    let csrf = place.get("/resources/new?what=artifact").await.csrf();
    let before = place.double.leaves().len();
    for fields in
        [vec![("csrf", "0"), ("what", "artifact")], vec![("what", "artifact"), ("csrf", csrf.as_str())], vec![]]
    {
        let answer = place.console.upload(FORM, &place.cookie, &fields, Some(("a.tar", &tar))).await;
        assert_eq!(answer.status, 403, "{fields:?}");
        assert!(answer.body.contains("csrf.foreign"));
    }
    let fields = [("csrf", csrf.as_str()), ("what", "nothing")];
    assert_eq!(place.console.upload(FORM, &place.cookie, &fields, Some(("a.tar", &tar))).await.status, 404);
    // Whoever closes the tab half-way.
    place.console.begin_upload(FORM, &place.cookie, &csrf, &tar[..200_000]).await;
    until("the file is gone", async || (place.console.scratches() == 0).then_some(())).await;
    assert_eq!(place.double.leaves().len(), before, "nothing was recorded");
}

#[tokio::test]
async fn who_holds_no_key_here_is_shown_the_command_line_and_nothing_is_taken() {
    let earnest = Console::beside(&in_earnest().await).await;
    for what in Resource::ALL {
        let page = earnest.get(&format!("{FORM}?what={what}"), None).await;
        assert!(page.body.contains("data-sign-in=\"publish\"") && !page.body.contains("data-action=\"publish\""));
        assert!(page.body.contains("countersign ") && page.body.contains("--key KEY"), "{}", page.body);
    }
    let visit = earnest.get(FORM, None).await;
    let csrf = earnest.get("/", Some(&visit.cookie())).await.csrf();
    let fields = [("csrf", csrf.as_str()), ("what", "artifact")];
    let sent = earnest.upload(FORM, &visit.cookie(), &fields, Some(("a.tar", b"tar"))).await;
    assert_eq!((sent.status, sent.header("location")), (303, format!("{FORM}?what=artifact")));
    let page = earnest.get(&sent.header("location"), Some(&visit.cookie())).await;
    let code = page.between("id=\"refusal\" role=\"alert\" data-code=\"", "\"");
    assert_eq!(code, "viewer.unknown", "whatever was read");
    assert_eq!(earnest.scratches(), 0);
    assert_eq!(earnest.get(&format!("{FORM}?what=nothing"), Some(&visit.cookie())).await.status, 403);
}

#[tokio::test]
async fn who_signed_in_with_a_key_of_their_own_signs_at_their_own_desk() {
    let double = in_earnest().await;
    let console = Console::beside(&double).await;
    let cookie = console.press(&console.url(World::OPERATOR).await).await.1.cookie();
    for (path, word) in [
        ("/resources/new?what=config", "publish"),
        ("/tenants/new", "register-tenant"),
        ("/engines/new", "register-engine"),
    ] {
        console.says(path, &cookie, "only you hold your key: sign with the command line shown").await;
        let page = console.get(path, Some(&cookie)).await;
        assert!(page.body.contains(&format!("data-action=\"{word}\" disabled")), "{}", page.body);
        assert!(page.body.contains("<details class=\"cli\" open>"), "{}", page.body);
    }
    let csrf = console.get("/resources", Some(&cookie)).await.csrf();
    let fields =
        [("csrf", csrf.as_str()), ("what", "config"), ("product", "a"), ("version", "1"), ("document", CONFIG)];
    let sent = console.upload(FORM, &cookie, &fields, None).await;
    let page = console.get(&sent.header("location"), Some(&cookie)).await;
    assert!(page.body.contains("data-code=\"key.elsewhere\""), "{}", page.body);
    let sent = console.post("/tenants/new", Some(&cookie), &format!("csrf={csrf}&name=Harbor")).await;
    let page = console.get(&sent.header("location"), Some(&cookie)).await;
    assert!(
        page.body.contains("data-code=\"key.elsewhere\"") && page.body.contains("value=\"Harbor\""),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn who_does_not_hold_the_role_publishes_nothing() {
    let place = Place::of(World::FINANCE).await;
    let answers = [("product", "alpha"), ("version", "3"), ("name", "A"), ("document", CONFIG)];
    let refused = place.refuses(Resource::Config, &answers, None, ("", "refused")).await;
    assert!(refused.contains("RoleMissing"), "{refused}");
}
