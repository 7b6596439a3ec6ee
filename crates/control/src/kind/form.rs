//! One table for a kind's page form and its command line flags.

use model::{
    ChangeId, Digest, EngineId, Instant, LeaseClass, Period, PersonId, Resource, Role, SettingName, TenantId, Token,
};
use signed::KeyProof;
use std::collections::BTreeMap;

/// What kind of answer a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// An engine, by name or id.
    Engine,
    /// A tenant, by name or id.
    Tenant,
    /// A published artifact, by version or digest.
    Artifact,
    /// Something else that was published, by version or digest; `none` for nothing.
    Resource(Resource),
    /// An AI lease, by the id of the change that granted it; `none` for nothing, where that is possible.
    Lease,
    /// A class of AI leases.
    LeaseClass,
    /// The time over which cycles are counted.
    Period,
    /// A whole number that may be large.
    Count,
    /// Somebody on the roster, by name or id.
    Person,
    /// A key that the roster lists for a person, by its id.
    PersonKey,
    /// A key that the roster lists for a service or the console.
    ServiceKey,
    /// A machine identity of the roster, by name or id.
    Machine,
    /// A proof that somebody holds a key, as a file or as its text.
    Proof,
    /// One of a few ways, each with questions of its own.
    Way(&'static [Way]),
    /// Roles.
    Roles,
    /// Tenants, by name or id.
    Tenants,
    /// A time to come.
    Time,
    /// A whole number.
    Number,
    /// A length of time: `90m`, `8h`, `3d`.
    Duration,
    /// A token.
    Token,
    /// A time zone of the IANA database, by its name: a token, which no table here explains.
    Zone,
    /// A digest.
    Digest,
    /// The name of a governed document.
    Setting,
    /// A governing document, as a file.
    Document,
}

/// One way in which a kind is asked for. Who chooses none is asked what no way asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// As a word.
    pub word: &'static str,
    /// As a person reads it.
    pub title: &'static str,
    /// The fields that it asks, all of them.
    pub asks: &'static [&'static str],
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name: the flag and the form's key.
    pub name: &'static str,
    /// As a person reads it.
    pub label: &'static str,
    /// A sentence of help.
    pub help: &'static str,
    /// Whether it must be answered.
    pub required: bool,
    /// What it takes.
    pub input: Input,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An engine.
    Engine(EngineId),
    /// A tenant.
    Tenant(TenantId),
    /// A person, or a machine identity.
    Person(PersonId),
    /// A digest, of an artifact or of anything else.
    Digest(Digest),
    /// Roles, sorted.
    Roles(Vec<Role>),
    /// Tenants, sorted.
    Tenants(Vec<TenantId>),
    /// A time.
    Time(Instant),
    /// A number.
    Number(u32),
    /// A number that may be large.
    Count(u64),
    /// A governed change.
    Change(ChangeId),
    /// A class of AI leases.
    LeaseClass(LeaseClass),
    /// A time over which cycles are counted.
    Period(Period),
    /// Nothing, where something could be.
    Nothing,
    /// A length of time, milliseconds.
    Duration(i64),
    /// A token.
    Token(Token),
    /// A governed document's name.
    Setting(SettingName),
    /// A proof that somebody holds a key.
    Proof(Box<KeyProof>),
}

/// Answers by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(pub BTreeMap<&'static str, Answer>);

/// Why answers make no package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A required answer is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An answer of another shape.
    #[error("`{0}` is not of the expected form")]
    Form(&'static str),
    /// An answer that names nothing known.
    #[error("`{0}` names nothing this ledger knows")]
    Unknown(&'static str),
    /// What is asked for is not possible now.
    #[error("{}", .0.message(&|person| person.short()).0)]
    Refused(crate::Refusal),
    /// This kind is asked for in another way.
    #[error("{0}")]
    Otherwise(&'static str),
}

macro_rules! answer {
    ($($get:ident $optional:ident $variant:ident $type:ty;)+) => {$(
        /// The answer to a field that takes this.
        ///
        /// # Errors
        /// When it is missing or of another shape.
        pub fn $get(&self, name: &'static str) -> Result<$type, FormError> {
            self.$optional(name)?.ok_or(FormError::Missing(name))
        }

        /// The answer to a field that takes this, if it was answered.
        ///
        /// # Errors
        /// When it is of another shape.
        pub fn $optional(&self, name: &'static str) -> Result<Option<$type>, FormError> {
            match self.0.get(name) {
                None => Ok(None),
                Some(Answer::$variant(value)) => Ok(Some(value.clone())),
                Some(_) => Err(FormError::Form(name)),
            }
        }
    )+};
}

impl Answers {
    answer! {
        person person_if Person PersonId;
        engine engine_if Engine EngineId;
        tenant tenant_if Tenant TenantId;
        digest digest_if Digest Digest;
        roles roles_if Roles Vec<Role>;
        tenants tenants_if Tenants Vec<TenantId>;
        time time_if Time Instant;
        number number_if Number u32;
        count count_if Count u64;
        change change_if Change ChangeId;
        lease_class lease_class_if LeaseClass LeaseClass;
        period period_if Period Period;
        duration duration_if Duration i64;
        token token_if Token Token;
        setting setting_if Setting SettingName;
        proof proof_if Proof Box<KeyProof>;
    }

    /// Whether the answer to a field is that there is nothing.
    pub fn is_nothing(&self, name: &'static str) -> bool {
        self.0.get(name) == Some(&Answer::Nothing)
    }

    /// With one more answer.
    #[must_use]
    pub fn with(mut self, name: &'static str, answer: Answer) -> Self {
        self.0.insert(name, answer);
        self
    }
}
