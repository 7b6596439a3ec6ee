//! What Alpha's two bundles are bound to: terms, leases, themes, configs and a retention policy.

use crate::DemoError;
use control::{
    AuditRule, BillingRule, ClosingStatement, Config, DataEnd, DataRule, Envelope, ExportFormat, ExportRule, Quota,
    Retention, TenantTerm, TenantTerms, Value,
};
use model::{LeaseClass, Period, Role, TenantId, Token};

/// The time zone in which the leases of the demonstration count.
pub(crate) const ZONE: &str = "America/New_York";
/// What Acme's envelope allows a month.
const ENVELOPE_CYCLES: u64 = 20_000;

/// An AI lease to be granted.
pub(crate) struct LeaseWish {
    pub(crate) tenant: TenantId,
    pub(crate) class: LeaseClass,
    pub(crate) cycles: u64,
    pub(crate) purpose: &'static str,
    pub(crate) title: &'static str,
    /// Whether the tenant itself asked for it.
    pub(crate) asked: bool,
}

pub(crate) fn token(text: &str) -> Result<Token, DemoError> {
    text.parse().map_err(|error: model::TokenError| DemoError::World { step: text.to_owned(), why: error.to_string() })
}

/// Each tenant may have worker leases without a finance review; Acme's shops have limits.
pub(crate) fn terms(acme: TenantId, market: TenantId) -> TenantTerms {
    let envelope = |cycles| vec![Envelope { class: LeaseClass::Worker, cycles, period: Period::Month, price: None }];
    let quota = Quota { memory_mib: Some(2_048), engines: Some(4), storage_mib: Some(4_096), ..Quota::default() };
    let mut tenants = vec![
        TenantTerm { tenant: acme, quota, envelope: envelope(ENVELOPE_CYCLES) },
        TenantTerm { tenant: market, quota: Quota::default(), envelope: envelope(ENVELOPE_CYCLES) },
    ];
    tenants.sort_by_key(|terms| terms.tenant);
    TenantTerms { tenants }
}

/// A line that the shop shows.
pub(crate) fn config(notice: &str) -> Result<Config, DemoError> {
    let value = Value { key: token("SHOP_NOTICE")?, value: notice.to_owned() };
    Ok(Config { values: vec![value], ..Config::default() })
}

pub(crate) fn retention() -> Retention {
    let statements = vec![ClosingStatement::AiLeaseUsage, ClosingStatement::Memory];
    Retention {
        audit: AuditRule { years: 7 },
        billing: BillingRule { by: Role::FinanceReviewer, within_days: 30, statements },
        export: ExportRule { formats: vec![ExportFormat::Csv, ExportFormat::Json], days: 90 },
        data: DataRule { then: DataEnd::HandOver, days: 30 },
    }
}
