//! Secrets kept, damaged, and of two tenants.

use super::*;

const ACME: TenantId = TenantId([1; 16]);
const HARBOR: TenantId = TenantId([2; 16]);

fn all_bytes(dir: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.flat_map(|path| if path.is_dir() { all_bytes(&path) } else { std::fs::read(path).unwrap() }).collect()
}

fn open(dir: &tempfile::TempDir) -> Vault {
    Vault::open(dir.path(), Mended::default()).unwrap()
}

#[test]
fn a_secret_is_kept_under_a_keyed_digest_and_lies_nowhere_in_the_open() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secret = "postgres://shop:planted-secret-3f9a@db/shop";
    let vault = open(&dir);
    let view = vault.put(ACME, secret, Instant::EPOCH).unwrap();
    assert_eq!(vault.put(ACME, secret, Instant::from_millis(1)).unwrap(), view, "the same again changes nothing");
    assert_eq!(
        (view.masked.as_str(), vault.all().unwrap()),
        ("…shop", Kept { secrets: vec![view.clone()], damaged: vec![] })
    );
    let again = open(&dir);
    assert_eq!(again.open_secret(&ACME, &view.secret).unwrap(), secret);
    assert!(again.holds(&ACME, &view.secret) && !again.holds(&ACME, &Digest::ZERO));
    let disk = all_bytes(dir.path());
    assert!(!disk.windows(14).any(|window| window == b"planted-secret"), "it lies in the open");
    let elsewhere = open(&other).put(ACME, secret, Instant::EPOCH).unwrap();
    assert_ne!(elsewhere.secret, view.secret, "each vault names it by its own key");
    assert_ne!(view.secret, Digest::of_bytes(secret.as_bytes()));
}

#[test]
fn what_is_no_secret_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(&dir);
    for unfit in ["", "two\nlines", "nul\0", &"x".repeat(SECRET_MAX + 1)] {
        assert!(matches!(vault.put(ACME, unfit, Instant::EPOCH), Err(EngineError::SecretUnfit)));
    }
    assert_eq!(vault.put(ACME, "short", Instant::EPOCH).unwrap().masked, "…", "a short one shows nothing of itself");
    assert!(matches!(vault.open_secret(&ACME, &Digest::ZERO), Err(EngineError::SecretMissing(_))));
}

#[test]
fn no_more_secrets_are_kept_than_fit_and_one_that_is_kept_may_be_deposited_again() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(&dir);
    let kept = vault.put(ACME, "kept already", Instant::EPOCH).unwrap();
    for n in 1..SECRETS_MAX {
        std::fs::write(vault.dir.join(format!("{n}.json")), "").unwrap();
    }
    let full = vault.put(ACME, "one more", Instant::EPOCH).unwrap_err();
    assert_eq!(full.code().as_str(), "secrets.full");
    assert_eq!(vault.put(ACME, "kept already", Instant::EPOCH).unwrap(), kept);
    std::fs::remove_file(vault.dir.join("1.json")).unwrap();
    vault.put(ACME, "one more", Instant::EPOCH).unwrap();
}

#[test]
fn one_tenant_fills_its_own_share_and_no_other_and_no_two_deposits_share_the_last_place() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(&dir);
    let first = vault.put(ACME, "0", Instant::EPOCH).unwrap();
    let sealed = std::fs::read(vault.path(&first.secret)).unwrap();
    // What matters of a file is whose it says that it is.
    for n in 1..TENANT_SECRETS_MAX - 4 {
        std::fs::write(vault.dir.join(format!("{n}.json")), &sealed).unwrap();
    }
    let put = |n: usize| vault.put(ACME, &format!("at once {n}"), Instant::EPOCH);
    let at_once = std::thread::scope(|scope| {
        let all: Vec<_> = (0..12).map(|n| scope.spawn(move || put(n))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(at_once.iter().filter(|kept| kept.is_ok()).count(), 4);
    for refused in at_once.iter().filter_map(|kept| kept.as_ref().err()) {
        assert_eq!(refused.code().as_str(), "secrets.tenant_full");
    }
    assert_eq!(vault.put(ACME, "0", Instant::EPOCH).unwrap(), first, "one that is kept may be deposited again");
    vault.put(HARBOR, "of another", Instant::EPOCH).unwrap();
    std::fs::remove_file(vault.dir.join("1.json")).unwrap();
    vault.put(ACME, "one more", Instant::EPOCH).unwrap();
}

/// What may become of a file.
fn damages(whole: &[u8]) -> Vec<Option<Vec<u8>>> {
    let flipped = (0..whole.len()).map(|at| {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 4;
        Some(bytes)
    });
    flipped.chain([Some(whole[..whole.len() / 2].to_vec()), Some(vec![]), None]).collect()
}

fn put_back(path: &Path, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => std::fs::write(path, bytes).unwrap(),
        None => std::fs::remove_file(path).unwrap(),
    }
}

#[test]
fn a_damaged_secret_is_told_refused_by_name_and_deposited_again() {
    let (dir, secret) = (tempfile::tempdir().unwrap(), "long enough to be shown");
    let kept = open(&dir).put(ACME, "another one of them", Instant::EPOCH).unwrap();
    let digest = open(&dir).put(ACME, secret, Instant::EPOCH).unwrap().secret;
    let path = open(&dir).path(&digest);
    let whole = std::fs::read(&path).unwrap();
    let mut opened = 0;
    for damage in damages(&whole) {
        put_back(&path, damage.as_deref());
        let vault = open(&dir);
        match vault.open_secret(&ACME, &digest) {
            // Only what nobody relies on was changed: since when it is there, or a space.
            Ok(text) => {
                opened += 1;
                assert!(text == secret && vault.holds(&ACME, &digest));
                put_back(&path, Some(&whole));
                continue;
            }
            Err(error) => assert!(!error.is_unknown(), "{error}"),
        }
        assert!(!vault.holds(&ACME, &digest), "{damage:?}");
        let (ok, told) = vault.files.standing();
        let all = vault.all().unwrap();
        if damage.is_some() {
            assert!(!ok && told.contains(&digest.to_string()) && told.contains("secret put"), "{told}");
            assert_eq!((all.secrets, all.damaged), (vec![kept.clone()], vec![digest.to_string()]));
        }
        assert_eq!(vault.put(ACME, secret, Instant::EPOCH).unwrap().secret, digest);
        assert!(vault.open_secret(&ACME, &digest).unwrap() == secret && vault.files.standing().0);
    }
    assert!(opened < 60, "{opened} changes were not found out");
}

#[test]
fn without_its_key_a_vault_refuses_secrets_says_what_to_do_and_nothing_else_stops() {
    let (dir, secret) = (tempfile::tempdir().unwrap(), "long enough to be shown");
    let digest = open(&dir).put(ACME, secret, Instant::EPOCH).unwrap().secret;
    let key = dir.path().join("vault.key");
    let whole = std::fs::read(&key).unwrap();
    for damage in damages(&whole) {
        put_back(&key, damage.as_deref());
        let vault = open(&dir);
        // A byte of another letter's case, or of a space, is the same key.
        if vault.open_secret(&ACME, &digest).is_ok() {
            continue;
        }
        let (ok, told) = vault.files.standing();
        assert!(!ok && told.contains("vault.key") && told.contains("restore"), "{told}");
        assert!(!vault.holds(&ACME, &digest) && !vault.open_secret(&ACME, &digest).unwrap_err().is_unknown());
        assert_eq!(vault.all().unwrap().damaged, [digest.to_string()]);
        if vault.key.is_err() {
            let refused = vault.put(ACME, secret, Instant::EPOCH).unwrap_err();
            assert_eq!(refused.code().as_str(), "vault.closed");
        }
    }
    put_back(&key, Some(&whole));
    assert_eq!(open(&dir).open_secret(&ACME, &digest).unwrap(), secret);
}

/// Who knows the digest of another tenant's secret can do nothing with it.
#[test]
fn a_secret_is_one_tenants() {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(&dir);
    let [acme, harbor] = [ACME, HARBOR].map(|tenant| vault.put(tenant, "planted-secret-3f9a", Instant::EPOCH).unwrap());
    assert_ne!(acme.secret, harbor.secret, "the same secret has a name for each");
    let holds = |tenant, secret: &SecretView| vault.holds(&tenant, &secret.secret);
    assert!(holds(ACME, &acme) && holds(HARBOR, &harbor));
    assert!(!holds(HARBOR, &acme) && !holds(ACME, &harbor));
    let opened = |tenant, secret: &SecretView| vault.open_secret(&tenant, &secret.secret);
    assert_eq!(opened(ACME, &acme).unwrap(), opened(HARBOR, &harbor).unwrap());
    assert!(matches!(opened(HARBOR, &acme), Err(EngineError::SecretMissing(_))));
}
