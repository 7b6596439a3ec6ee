//! How past decisions would have come out under another governed document: told before it is signed.

use super::Context;
use control::{PastWords, Replayer, Setting, State, knows_rules};
use follower::Follower;
use model::Digest;
use std::collections::BTreeMap;
use view::{Names, PastRow, PastView};

/// What past decisions are looked up in.
pub struct Words {
    /// The newest words of the ledger, or why they could not be read again.
    read: Result<PastWords, String>,
    follower: Follower,
}

/// Those of the ledger that the follower has verified, where this document makes them matter.
pub async fn words(context: &Context, follower: &Follower, setting: &Setting) -> Words {
    let read = match setting {
        Setting::Rules { number } if knows_rules(*number) => again(context, follower).await,
        _ => Ok(PastWords::default()),
    };
    Words { read, follower: follower.clone() }
}

async fn again(context: &Context, follower: &Follower) -> Result<PastWords, String> {
    let trust = context.home.trust(None).map_err(|error| error.to_string())?;
    let copied = follower.copied(u64::MAX).await.map_err(|error| error.to_string())?;
    let copied = copied.ok_or("nothing is verified here yet")?;
    let digest = |(object, bytes): (&str, Vec<u8>)| (Digest::of_object(object, &bytes), bytes);
    let blobs: BTreeMap<Digest, Vec<u8>> = copied.blobs.into_iter().map(digest).collect();
    let (mut words, mut replayer) = (PastWords::default(), Replayer::new(&trust, blobs));
    for (index, entry) in (0..).zip(&copied.entries) {
        let leaf = replayer.push(entry).map_err(|broken| broken.to_string())?;
        words.note(index, &leaf, replayer.state());
    }
    Ok(words)
}

/// Lines of (label, text): what came of it, and each decision that would have come out otherwise.
pub fn lines(state: &State, names: &Names, setting: &Setting, words: &Words) -> Vec<(String, String)> {
    let read = match &words.read {
        Ok(read) => read,
        Err(why) => {
            return vec![("past".to_owned(), format!("what it means for past decisions cannot be shown: {why}"))];
        }
    };
    let Some(past) = PastView::of(state, &words.follower, names, setting, read) else { return vec![] };
    let row = |row: &PastRow| ("otherwise".to_owned(), format!("{}: {}; now: {}", row.title, row.then, row.now));
    let differ = past.rows.iter().filter(|row| row.differs).map(row);
    std::iter::once(("past".to_owned(), past.sentence.clone())).chain(differ).collect()
}
