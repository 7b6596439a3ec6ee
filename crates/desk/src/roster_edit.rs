//! The next roster from the answers of a form that says one thing to change.

use crate::{DeskError, RosterOrder};
use client::random_bytes;
use control::{Answers, FormError, State};
use model::{Digest, Instant, NodeId, PersonId, Role, TenantId};
use signed::Deputy;

fn form(error: FormError) -> DeskError {
    DeskError::Form(error.to_string())
}

impl RosterOrder {
    /// The roster in force with the one thing changed that the answers say; none: they say no edit. A deputy is one
    /// from `now` on.
    ///
    /// # Errors
    /// When an answer is missing, names nobody, or changes nothing.
    pub fn edited(state: &State, answers: &Answers, now: Instant) -> Result<Option<Self>, DeskError> {
        let Some(edit) = answers.token_if("edit").map_err(form)? else { return Ok(None) };
        let base = &state.roster;
        let mut next = Self::of(base);
        match edit.as_str() {
            "leave" => next.leave(&answers.person("person").map_err(form)?)?,
            "remove-key" => {
                let key = answers.digest("person-key").map_err(form)?;
                let holds = |person: &&signed::Person| person.keys.iter().any(|known| known.id == key);
                let person = base.people.iter().find(holds).map(|person| person.id);
                next.remove_key(&person.ok_or_else(|| form(FormError::Unknown("person-key")))?, &key)?;
            }
            "give-roles" => {
                let (person, roles) = person_and_roles(answers)?;
                roles.into_iter().try_for_each(|role| next.give(&person, role))?;
            }
            "take-roles" => {
                let (person, roles) = person_and_roles(answers)?;
                roles.into_iter().try_for_each(|role| next.take(&person, role))?;
            }
            "add-deputy" => {
                let person = answers.person("deputy").map_err(form)?;
                let deputy = Deputy { person, from: now, until: answers.time("deputy-until").map_err(form)? };
                next.add_deputy(&answers.person("person").map_err(form)?, deputy)?;
            }
            "remove-deputy" => {
                let deputy = answers.person("deputy").map_err(form)?;
                next.remove_deputy(&answers.person("person").map_err(form)?, &deputy)?;
            }
            "only-tenants" => {
                next.only_tenants(&answers.person("person").map_err(form)?, known_tenants(state, answers)?)?;
            }
            "more-tenants" => {
                next.more_tenants(&answers.person("person").map_err(form)?, known_tenants(state, answers)?)?;
            }
            "every-tenant" => next.every_tenant(&answers.person("person").map_err(form)?)?,
            "add-node" => {
                let name = answers.token("node-name").map_err(form)?;
                let key = |name| answers.digest(name).map_err(form);
                next.add_node(NodeId(random_bytes()), name, key("node-key")?, key("engine-key")?);
            }
            "service-key" => {
                let key = |name| answers.digest(name).map_err(form);
                next.replace_service_key(&key("service")?, key("new-key")?)?;
            }
            "add-machine" => next.join_proven_machine(&state.ledger, answers)?,
            "remove-machine" => next.leave_machine(&answers.person("machine").map_err(form)?)?,
            _ => return Err(form(FormError::Unknown("edit"))),
        }
        if next.is_changed() {
            Ok(Some(next))
        } else {
            Err(DeskError::Form("the roster in force says so already; change something else".to_owned()))
        }
    }
}

impl RosterOrder {
    /// A machine identity joins whose key was proven for this ledger.
    fn join_proven_machine(&mut self, ledger: &Digest, answers: &Answers) -> Result<(), DeskError> {
        let (name, proof) = (answers.token("machine-name").map_err(form)?, *answers.proof("proof").map_err(form)?);
        if proof.ledger != *ledger {
            let why = "the proof is for another ledger than this one; ask for one for this ledger";
            return Err(DeskError::Form(why.to_owned()));
        }
        let wrong = |error| DeskError::Form(format!("the proof does not hold ({error}); ask for another"));
        proof.verify().map_err(wrong)?;
        self.join_machine(proof.person, name, &proof.openssh, proof.possession)
    }
}

fn known_tenants(state: &State, answers: &Answers) -> Result<Vec<TenantId>, DeskError> {
    let tenants = answers.tenants("tenants").map_err(form)?;
    let known = tenants.iter().all(|tenant| state.tenants.contains_key(tenant));
    if known { Ok(tenants) } else { Err(form(FormError::Unknown("tenants"))) }
}

fn person_and_roles(answers: &Answers) -> Result<(PersonId, Vec<Role>), DeskError> {
    Ok((answers.person("person").map_err(form)?, answers.roles("roles").map_err(form)?))
}
