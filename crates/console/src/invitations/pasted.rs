//! What somebody pastes: all that `countersign key prove`, or `ssh-keygen -Y sign` after the public
//! key, has printed.

use model::{Digest, PersonId};
use signed::{KeyProof, Possession, SignedError, ssh};

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

/// Why a text proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no key, or no signature, in it.
    Unreadable,
    /// A key that must not be listed.
    Key(SignedError),
    /// A proof for another ledger.
    OtherLedger,
    /// A proof for another person, or over something else.
    OtherChallenge,
}

/// The words of a public key in OpenSSH form, without its comment.
fn public(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let (kind, key) = (words.next()?, words.next()?);
    let is_kind = ["ssh-", "ecdsa-", "sk-"].iter().any(|start| kind.starts_with(start));
    is_kind.then(|| format!("{kind} {key}"))
}

/// The proof in a text, checked: of this ledger and this person.
///
/// # Errors
/// Why it proves nothing.
pub(crate) fn read(text: &str, ledger: Digest, person: PersonId) -> Result<KeyProof, Fault> {
    let proof = whole(text).or_else(|| parts(text, ledger, person)).ok_or(Fault::Unreadable)?;
    ssh::check_key(&proof.openssh, "who was invited").map_err(Fault::Key)?;
    if proof.ledger != ledger {
        return Err(Fault::OtherLedger);
    }
    if proof.person != person {
        return Err(Fault::OtherChallenge);
    }
    proof.verify().map_err(|_| Fault::OtherChallenge)?;
    // A comment inside the key may be a name; the roster lists none.
    let openssh = ssh::normalise(&proof.openssh).map_err(Fault::Key)?;
    Ok(KeyProof { openssh, ..proof })
}

/// The JSON of `countersign key prove`.
pub(crate) fn whole(text: &str) -> Option<KeyProof> {
    serde_json::from_str(text.get(text.find('{')?..=text.rfind('}')?)?).ok()
}

/// A line with the key and a block with the signature, over what this invitation asks for.
fn parts(text: &str, ledger: Digest, person: PersonId) -> Option<KeyProof> {
    let openssh = text.lines().find_map(public)?;
    let block = text.get(text.find(BEGIN)?..text.find(END)? + END.len())?;
    let signature = ssh::from_armour(block).ok()?;
    // The id of a key that may not sign is not needed: it is refused before.
    let key = ssh::key_id(&openssh).unwrap_or(Digest::ZERO);
    Some(KeyProof { ledger, person, openssh, possession: Possession { key, signature } })
}

/// Command lines that print a proof: our own, and one of tools that are there anyway.
pub(crate) fn commands(ledger: &Digest, person: &PersonId) -> Vec<String> {
    let message = |key: &str| format!(r#"{{"key":"{key}","ledger":"{ledger}","person":"{person}"}}"#);
    let id = r#""$(cut -d' ' -f2 $K.pub | base64 -d | sha256sum | cut -c1-64)""#;
    vec![
        format!("countersign key prove --ledger {ledger} --person {person} --key ~/.ssh/id_ed25519"),
        format!(
            "K=~/.ssh/id_ed25519; cut -d' ' -f1,2 $K.pub; printf 'countersign/possession/v1\\0{}' {id} | ssh-keygen -Y sign -n {} -f $K",
            message("%s"),
            ssh::NAMESPACE
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use signed::Challenge;
    use ssh_key::{LineEnding, PrivateKey};

    const LEDGER: Digest = Digest([1; 32]);
    const EVE: PersonId = PersonId([3; 16]);

    fn proof(key: &PrivateKey, ledger: Digest, person: PersonId) -> KeyProof {
        let openssh = key.public_key().to_openssh().unwrap();
        let challenge = Challenge { ledger, person, key: ssh::key_id(&openssh).unwrap() };
        KeyProof { ledger, person, openssh, possession: challenge.sign(key).unwrap() }
    }

    fn key() -> PrivateKey {
        let mut key = ssh::private_key(&[7; 32]);
        key.set_comment("eve@laptop");
        key
    }

    #[test]
    fn what_either_command_prints_is_one_proof() {
        let proof = proof(&key(), LEDGER, EVE);
        let json = serde_json::to_string_pretty(&proof).unwrap();
        let armour = ssh::to_armour(&proof.possession.signature).replace('\n', "\r\n");
        let stock = format!("{}\r\nSigning data on standard input\r\n{armour}\r\n$ ", proof.openssh);
        let first = read(&json, LEDGER, EVE).unwrap();
        assert_eq!(first.openssh, ssh::normalise(&proof.openssh).unwrap(), "without its comment");
        assert_eq!(read(&stock, LEDGER, EVE), Ok(first));
    }

    #[test]
    fn a_proof_of_another_ledger_or_person_or_over_something_else_is_told_apart() {
        let json = |ledger, person| serde_json::to_string(&proof(&key(), ledger, person)).unwrap();
        assert_eq!(read(&json(Digest::ZERO, EVE), LEDGER, EVE), Err(Fault::OtherLedger));
        assert_eq!(read(&json(LEDGER, PersonId([4; 16])), LEDGER, EVE), Err(Fault::OtherChallenge));
        let stock = |text: &[u8]| {
            let signature = ssh::sign(&key(), text).unwrap();
            format!("{}\n{}", key().public_key().to_openssh().unwrap(), ssh::to_armour(&signature))
        };
        assert_eq!(read(&stock(b"anything"), LEDGER, EVE), Err(Fault::OtherChallenge));
        // Says that it is of this ledger, and was signed for another one.
        let forged = KeyProof { ledger: LEDGER, ..proof(&key(), Digest::ZERO, EVE) };
        assert_eq!(read(&serde_json::to_string(&forged).unwrap(), LEDGER, EVE), Err(Fault::OtherChallenge));
    }

    #[test]
    fn a_key_that_must_not_be_listed_is_refused_before_anything_is_checked() {
        // The key of small order that nobody holds, and one of another kind.
        let mut identity = [0_u8; 32];
        identity[0] = 1;
        let weak = ssh_key::PublicKey::from(ssh_key::public::Ed25519PublicKey(identity)).to_openssh().unwrap();
        let armour = ssh::to_armour(&proof(&key(), LEDGER, EVE).possession.signature);
        let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== eve@laptop";
        for public in [weak.as_str(), rsa] {
            assert!(matches!(read(&format!("{public}\n{armour}"), LEDGER, EVE), Err(Fault::Key(_))), "{public}");
        }
        let whole = KeyProof { openssh: weak, ..proof(&key(), LEDGER, EVE) };
        assert!(matches!(read(&serde_json::to_string(&whole).unwrap(), LEDGER, EVE), Err(Fault::Key(_))));
    }

    #[test]
    fn a_text_without_key_or_signature_is_none() {
        let private = key().to_openssh(LineEnding::LF).unwrap();
        let public = key().public_key().to_openssh().unwrap();
        for text in
            ["", "{}", "}{", "hello", public.as_str(), private.as_str(), BEGIN, &format!("{public}\n{END}{BEGIN}")]
        {
            assert_eq!(read(text, LEDGER, EVE), Err(Fault::Unreadable), "{text}");
        }
    }
}
