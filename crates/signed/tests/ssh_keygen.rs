//! OpenSSH and we agree on every signature, both ways.
#![allow(clippy::unwrap_used)]

use model::{ChangeId, CommandId, Digest, Instant, PersonId};
use signed::{Act, Seen, SignedError, Statement, ssh};
use ssh_key::PrivateKey;
use std::{fs, path::Path, process::Command};

fn statement(key: &PrivateKey) -> Statement {
    Statement {
        ledger: Digest::of_bytes(b"ledger"),
        command: CommandId([1; 16]),
        person: PersonId([2; 16]),
        key: ssh::key_id(&key.public_key().to_openssh().unwrap()).unwrap(),
        act: Act::Hold { change: ChangeId([3; 16]), revision: 1 },
        parts: vec![],
        not_after: Instant::from_millis(1_800_000_000_000),
        seen: Seen { size: 9, root: Digest::of_bytes(b"root") },
    }
}

fn key(seed: u8) -> PrivateKey {
    ssh::private_key(&[seed; 32])
}

fn keygen(dir: &Path, args: &[&str], stdin: &str) -> bool {
    let input = fs::File::open(dir.join(stdin)).unwrap();
    Command::new("ssh-keygen").current_dir(dir).args(args).stdin(input).output().unwrap().status.success()
}

#[test]
fn openssh_accepts_ours_and_we_accept_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let key = key(1);
    let public = key.public_key().to_openssh().unwrap();
    let statement = statement(&key);
    let bytes = statement.bytes().unwrap();
    let ours = statement.sign(&key).unwrap();
    fs::write(dir.path().join("message"), &bytes).unwrap();
    fs::write(dir.path().join("message.ours"), ssh::to_armour(&ours)).unwrap();
    fs::write(dir.path().join("allowed"), format!("someone {public}\n")).unwrap();
    let verify = ["-Y", "verify", "-f", "allowed", "-I", "someone", "-n", "countersign", "-s", "message.ours"];
    assert!(keygen(dir.path(), &verify, "message"));

    fs::write(dir.path().join("key"), key.to_openssh(ssh_key::LineEnding::LF).unwrap().as_bytes()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(dir.path().join("key"), mode).unwrap();
    assert!(keygen(dir.path(), &["-Y", "sign", "-f", "key", "-n", "countersign", "message"], "message"));
    let theirs = ssh::from_armour(&fs::read_to_string(dir.path().join("message.sig")).unwrap()).unwrap();
    statement.verify(&public, &theirs).unwrap();
    // The format lets the signer choose between two hashes, and so do we (docs/formats.md, Statement).
    fs::remove_file(dir.path().join("message.sig")).unwrap();
    let sha256 = ["-Y", "sign", "-O", "hashalg=sha256", "-f", "key", "-n", "countersign", "message"];
    assert!(keygen(dir.path(), &sha256, "message"));
    let other = ssh::from_armour(&fs::read_to_string(dir.path().join("message.sig")).unwrap()).unwrap();
    assert_ne!(other, theirs);
    statement.verify(&public, &other).unwrap();
}

#[test]
fn other_bytes_keys_and_namespaces_are_refused() {
    let (key, other) = (key(1), key(2));
    let public = key.public_key().to_openssh().unwrap();
    let statement = statement(&key);
    let signature = statement.sign(&key).unwrap();
    statement.verify(&public, &signature).unwrap();
    let mut later = statement.clone();
    later.seen.size += 1;
    assert_eq!(later.verify(&public, &signature), Err(SignedError::Mismatch));
    assert!(statement.verify(&other.public_key().to_openssh().unwrap(), &signature).is_err());
    let foreign = ssh_key::SshSig::sign(&key, "git", ssh_key::HashAlg::Sha512, &statement.bytes().unwrap()).unwrap();
    let foreign = ssh::from_armour(&foreign.to_pem(ssh_key::LineEnding::LF).unwrap()).unwrap();
    assert!(matches!(statement.verify(&public, &foreign), Err(SignedError::Signature(_))));
}
