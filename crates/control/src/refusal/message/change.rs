//! About the change: where it stands, what its package and checklist need.

use crate::kind::roles_title;
use crate::refusal::wording::{Wording, wording};
use model::{ChangeId, Role, Status, Token};

const HOUR_MS: i64 = 3_600_000;

pub(super) fn status(status: Status) -> Wording {
    wording(
        format!("the change is {}", status.title().to_lowercase()),
        "see `countersign change show …` for what is possible now",
    )
}

pub(super) fn reason_missing() -> Wording {
    wording(
        "this needs a reason",
        "a draft gets one as a new revision: `countersign change new --from ID --change ID --reason WHY …`; any other word \
         is said again with `--reason`",
    )
}

pub(super) fn window_wrong() -> Wording {
    wording("this kind of change has no window, or needs one", "open it again without, or with, a window")
}

pub(super) fn until_wrong(most_ms: Option<i64>) -> Wording {
    match most_ms {
        None => wording("this kind of change grants nothing for a time", "leave the time out"),
        Some(most) => wording(
            format!("it must say for how long, at most {} hours", most / HOUR_MS),
            "open it again with such a time",
        ),
    }
}

pub(super) fn supersedes_wrong() -> Wording {
    wording(
        "the change it should replace is not an open one of the same kind about the same, or has been run",
        "name such a change, or none",
    )
}

pub(super) fn not_escalated(by: &[Role]) -> Wording {
    wording(
        format!("the draft is read-only until a {} escalates it", roles_title(by)),
        "ask for its escalation: `countersign change escalate …`",
    )
}

pub(super) fn nothing_to_escalate() -> Wording {
    wording("this draft is not read-only", "seal it")
}

pub(super) fn item_unknown() -> Wording {
    wording("the checklist has no such item", "see `countersign change show …` for its items")
}

pub(super) fn checklist_open(items: &[Token]) -> Wording {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    wording(
        format!("the checklist is not complete: {}", items.join(", ")),
        "attach evidence: `countersign change attach …`",
    )
}

pub(super) fn held(by: &str) -> Wording {
    wording(format!("{by} holds this change"), "release the hold first")
}

pub(super) fn not_held() -> Wording {
    wording("that person does not hold this change", "see `countersign change show …` for who holds it")
}

pub(super) fn nothing_granted() -> Wording {
    wording("this change grants nothing now", "there is nothing to revoke")
}

pub(super) fn review_overdue(change: &ChangeId) -> Wording {
    let change = change.short();
    wording(
        format!("the review of change {change} is overdue"),
        format!("have it reviewed first: `countersign change review {change} …`"),
    )
}

pub(super) fn requirement_changed() -> Wording {
    wording(
        "another requirement would hold now than the one it was approved under",
        "open it as a new revision (`countersign change new --from ID --change ID …`), seal it, and have it approved again",
    )
}
