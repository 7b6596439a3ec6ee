//! How durable an answer is asked to be.

use ledger::Ack;
use serde::Deserialize;
use service_shell::Problem;

/// `?ack=durable|published`; durable when absent.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AckQuery {
    /// `durable`: on disk, at this index for ever. `published`: under a signed checkpoint too.
    ack: Option<String>,
}

/// The level asked for.
pub(crate) fn ack(query: &AckQuery) -> Result<Ack, Problem> {
    let next = "ask with `?ack=durable` or `?ack=published`";
    match query.ack.as_deref() {
        None | Some("durable") => Ok(Ack::Durable),
        Some("published") => Ok(Ack::Published),
        Some("witnessed") => {
            Err(Problem::malformed("ack.no_witness", "this ledger has no witness whose word could be awaited", next))
        }
        Some(_) => Err(Problem::malformed("ack.unknown", "there is no such level of durability", next)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_and_each_refusal() {
        let of = |text: Option<&str>| ack(&AckQuery { ack: text.map(str::to_owned) }).map_err(|problem| problem.code());
        assert_eq!(of(None), Ok(Ack::Durable));
        assert_eq!(of(Some("durable")), Ok(Ack::Durable));
        assert_eq!(of(Some("published")), Ok(Ack::Published));
        assert_eq!(of(Some("witnessed")), Err("ack.no_witness"));
        assert_eq!(of(Some("carved")), Err("ack.unknown"));
    }
}
