//! Texts on their way in: normal form, sizes, and that they are what was committed to.

use crate::problems;
use control::State;
use model::{CommandId, Digest, Id, canon};
use service_shell::Problem;
use signed::{BODY_MAX_BYTES, ONE_LINE, Opening, PARTS_MAX, Part, REASON};
use unicode_normalization::is_nfc;

/// One text of a person or another system: NFC, no control or bidirectional characters.
pub(crate) fn text(what: &str, text: &str) -> Result<(), Problem> {
    if !is_nfc(text) {
        return Err(Problem::malformed(
            "text.not_nfc",
            format!("{what} is not in Unicode normal form C"),
            "normalise the text (NFC) before it is signed",
        ));
    }
    canon::to_vec(text)
        .map(|_| ())
        .map_err(|error| Problem::malformed("text.character", format!("{what}: {error}"), "leave that character out"))
}

/// A title or a name: [`text`], and one line.
pub(crate) fn line(what: &str, line: &str) -> Result<(), Problem> {
    if !canon::is_one_line(line) {
        return Err(Problem::malformed(
            "text.line_break",
            format!("{what} is one line, and a line break stands in it"),
            "write it in one line; a longer text belongs into the reason or the description",
        ));
    }
    text(what, line)
}

/// Checks that `openings` are what `parts` commit to, and that each text may stand in the ledger.
pub(crate) fn openings(
    ledger: &Digest,
    command: &CommandId,
    parts: &[Part],
    openings: &[Opening],
) -> Result<(), Problem> {
    if parts.len() > PARTS_MAX {
        return Err(Problem::malformed(
            "openings.too_many",
            format!("at most {PARTS_MAX} parts are read"),
            "put several texts into one part",
        ));
    }
    for (position, (part, opening)) in parts.iter().zip(openings).enumerate() {
        let bytes = canon::to_vec(&opening.body).map_err(|error| {
            Problem::malformed("text.character", format!("part {position}: {error}"), "correct that text")
        })?;
        if bytes.len() > BODY_MAX_BYTES {
            return Err(Problem::malformed(
                "openings.too_large",
                format!("part {position} has more than {BODY_MAX_BYTES} bytes"),
                "shorten its text",
            ));
        }
        for value in opening.body.values() {
            let about = part.about.as_str();
            let check = if ONE_LINE.contains(&about) { line } else { text };
            check(&format!("part {position} ({about})"), value)?;
        }
        let said = opening.body.get("text").is_some_and(|text| !text.trim().is_empty());
        if part.about.as_str() == REASON && !said {
            return Err(Problem::malformed("reason.empty", "the reason says nothing", "say why, in `text`"));
        }
    }
    Part::check(parts, ledger, command, openings).map_err(|error| problems::opening(&error))
}

/// Checks that each part is about somebody there is: a person of the roster, a tenant, or somebody
/// who comes with the command. A key is made for each subject, so strangers may not name any.
pub(crate) fn subjects(state: &State, parts: &[Part], coming: &[Id]) -> Result<(), Problem> {
    let known = |id: &Id| {
        coming.contains(id)
            || state.tenants.contains_key(&model::TenantId(id.0))
            || state.roster.person(&model::PersonId(id.0)).is_some()
    };
    if parts.iter().filter_map(|part| part.subject.as_ref()).all(known) {
        return Ok(());
    }
    Err(Problem::malformed(
        "part.subject_unknown",
        "a text is about somebody who is neither a person of the roster nor a tenant",
        "name a person, a tenant, or nobody as its subject",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEDGER: Digest = Digest([1; 32]);
    const COMMAND: CommandId = CommandId([2; 16]);

    fn checked(about: &str, body: &str) -> Result<(), &'static str> {
        let texts = vec![(about.parse().unwrap(), None, client::random_opening([("text", body)]))];
        let Ok((parts, opened)) = client::parts(&LEDGER, &COMMAND, texts.clone()) else {
            // What has no canonical form cannot be committed to honestly.
            let part = Part { about: about.parse().unwrap(), subject: None, commitment: Digest::ZERO };
            return openings(&LEDGER, &COMMAND, &[part], &[texts[0].2.clone()]).map_err(|problem| problem.code());
        };
        openings(&LEDGER, &COMMAND, &parts, &opened).map_err(|problem| problem.code())
    }

    #[test]
    fn each_refusal_of_a_text() {
        assert_eq!(checked("reason", "DNS drift"), Ok(()));
        assert_eq!(checked("reason", " \n"), Err("reason.empty"));
        assert_eq!(checked("title", ""), Ok(()));
        assert_eq!(checked("reason", "DNS drift\nsince Monday"), Ok(()));
        for about in ["title", "name"] {
            for text in ["Tiny fix\nstatus  Approved", "a\u{2028}b", "a\u{2029}b", "a\n"] {
                assert_eq!(checked(about, text), Err("text.line_break"), "{about}: {text:?}");
            }
        }
        assert_eq!(checked("title", "e\u{301}"), Err("text.not_nfc"));
        assert_eq!(checked("title", "a\u{202E}b"), Err("text.character"));
        assert_eq!(checked("title", "a\u{7}b"), Err("text.character"));
        assert_eq!(checked("title", &"x".repeat(BODY_MAX_BYTES)), Err("openings.too_large"));
    }

    #[test]
    fn openings_are_exactly_what_was_committed_to() {
        let one = |text| ("title".parse().unwrap(), None, client::random_opening([("text", text)]));
        let (parts, opened) = client::parts(&LEDGER, &COMMAND, vec![one("a"), one("b")]).unwrap();
        let check = |opened: &[Opening]| openings(&LEDGER, &COMMAND, &parts, opened).map_err(|problem| problem.code());
        assert_eq!(check(&opened), Ok(()));
        assert_eq!(check(&opened[..1]), Err("openings.differ"));
        assert_eq!(check(&[opened[1].clone(), opened[0].clone()]), Err("openings.differ"));
        let other = openings(&LEDGER, &CommandId([9; 16]), &parts, &opened).map_err(|problem| problem.code());
        assert_eq!(other, Err("openings.differ"), "bound to their command");
        let many: Vec<_> = (0..=PARTS_MAX).map(|_| one("x")).collect();
        let (parts, opened) = client::parts(&LEDGER, &COMMAND, many).unwrap();
        let code = openings(&LEDGER, &COMMAND, &parts, &opened).map_err(|problem| problem.code());
        assert_eq!(code, Err("openings.too_many"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_other_text_than_the_committed_one_is_refused(a in "[a-z ]{1,20}", b in "[a-z ]{1,20}") {
            let opening = client::random_opening([("text", &a)]);
            let texts = vec![("title".parse().unwrap(), None, opening.clone())];
            let (parts, _) = client::parts(&LEDGER, &COMMAND, texts).unwrap();
            let mut other = opening;
            other.body.insert("text".to_owned(), b.clone());
            prop_assert_eq!(openings(&LEDGER, &COMMAND, &parts, &[other]).is_ok(), a == b);
        }
    }
}
