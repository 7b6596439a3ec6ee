//! The command line's shape.

#[cfg(test)]
mod advice;
mod artifact;
mod brake;
mod change;
mod document;
mod engine;
mod key;
mod lease;
mod listing;
mod log_key;
mod login;
mod machine;
mod node;
mod person;
mod secret;
mod settings;
mod theme;
mod token;
mod warrant;
mod who;

pub use artifact::{ArtifactCommand, HealthAnswer, PackArgs, PackageKind};
pub use brake::BrakeCommand;
pub use change::{About, ChangeCommand, Ended, LsArgs, NewArgs, OpenArgs};
pub use document::{ConfigCommand, DocumentArgs, RetentionCommand};
pub use engine::{EngineCommand, LogsArgs, ReadinessArgs};
pub use key::KeyCommand;
pub use lease::{Grant, LeaseCommand, Override, QuotaCommand};
pub use listing::ListArgs;
pub use log_key::LogKeyCommand;
pub use login::LoginArgs;
pub use machine::MachineCommand;
pub use node::NodeCommand;
pub use person::{Asking, DeputyCommand, PersonCommand, PersonKeyCommand, RoleCommand};
pub use secret::SecretCommand;
pub use settings::SettingsCommand;
pub use theme::{ThemeArgs, ThemeCommand};
pub use token::{TokenCommand, TokenScope};
pub use warrant::{CheckArgs, Compared, WarrantCommand};
pub use who::Who;

use crate::child::Child;
use crate::entry_ref::EntryRef;
use crate::find::ChangeRef;
use crate::home::Home;
use crate::when::Past;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0   done, verified
  1   verification FAILED: the ledger is not what it claims to be
  2   what was given is wrong: the words, or a file that they name (not there, not readable, not what it should hold)
  3   inconclusive: nothing to check, truncated, or decided by newer rules
  4   not yet: what was asked for is not covered by a signed checkpoint
  5   refused as things stand: by a rule of the ledger, by a service, because nothing of that name is here, or a key cannot be used
  6   a service does not answer
  7   intact, not verified: only hashes were asked for
  8   a service answers and is not ready
  20  a warrant whose time is over; 21 one that was revoked; 22 one that was used
  23  a warrant for another digest; 24 one for another target
  70  another error
  78  refused to start: the message has the cause and the line that works
  141 done, but nobody read the output to its end";

/// Governed change for platforms, with a proof.
///
/// Every privileged change is a sealed package that the right, distinct people countersign, that is
/// carried out exactly as signed, and that anyone can check afterwards, offline.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = EXIT_CODES, propagate_version = true)]
pub struct Cli {
    /// The data directory.
    #[arg(long, global = true, env = "COUNTERSIGN_DIR", default_value_os_t = Home::default_path(), hide_default_value = true)]
    pub dir: PathBuf,
    /// Print data as JSON on standard output, and errors as {"error":{"code","message","next"}} on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the demonstration: a whole company on this machine, ready to be carried on.
    #[command(
        after_help = "Examples:\n  countersign demo\n  countersign demo --dir /tmp/shop --fresh --base-port 18080\n  countersign demo open --as 'Finance Reviewer 1'\n  countersign demo stop engine"
    )]
    Demo(DemoArgs),
    /// Run the five services and the console.
    ///
    /// Each writes its log lines to DIR/logs/NAME.log: at most 8 MiB, with one older file of that size beside it.
    #[command(after_help = "Examples:\n  countersign serve\n  countersign serve --only node --dir /srv/countersign")]
    Serve(ServeArgs),
    /// Found a ledger.
    #[command(
        after_help = "Example (one machine, four people):\n  countersign init --founder 'Ada:governance-operator:ada.pub' --founder 'Ben:governance-operator:ben.pub' \\\n    --founder 'Cy:finance-reviewer:cy.pub' --founder 'Di:support-auditor:di.pub'\n  countersign init sign --key ada   # each founder\n  countersign init finish"
    )]
    Init(InitArgs),
    /// Make keys, and prove that one is yours.
    Key {
        /// What to do.
        #[command(subcommand)]
        key: KeyCommand,
    },
    /// Stop something at the services themselves, also while Governance does not answer.
    ///
    /// What is signed is a hold, a revoke or a suspend as ever. Each service obeys it at once, passes it on to
    /// Governance, and lifts it when the ledger refuses it, or does not have it within 23 hours.
    #[command(
        after_help = "Examples:\n  countersign brake hold 7f3a --key di --reason 'payments fail'\n  countersign brake suspend --key ben --reason 'laptop stolen'\n  countersign brake ls"
    )]
    Brake {
        /// What to do.
        #[command(subcommand)]
        brake: BrakeCommand,
    },
    /// The services, as they answer now.
    Status,
    /// Read and verify the ledger.
    Audit {
        /// What to do.
        #[command(subcommand)]
        audit: AuditCommand,
    },
    /// Pack, inspect, list and recall releases.
    Artifact {
        /// What to do.
        #[command(subcommand)]
        artifact: ArtifactCommand,
    },
    /// Check, publish and list client themes: how a shop looks, and nothing else.
    Theme {
        /// What to do.
        #[command(subcommand)]
        theme: ThemeCommand,
    },
    /// Configs: what one engine gets beside its program.
    Config {
        /// What to do.
        #[command(subcommand)]
        config: ConfigCommand,
    },
    /// Secrets of engines: deposited on a node, named by a config, read by nobody else.
    Secret {
        /// What to do.
        #[command(subcommand)]
        secret: SecretCommand,
    },
    /// Retention policies: what is kept, handed over and destroyed once an engine is retired.
    Retention {
        /// What to do.
        #[command(subcommand)]
        retention: RetentionCommand,
    },
    /// AI leases: so many cycles a period, of which engines that are bound to one may use.
    Lease {
        /// What to do.
        #[command(subcommand)]
        lease: LeaseCommand,
    },
    /// Quotas of tenants: usage beside the limit.
    Quota {
        /// What to do.
        #[command(subcommand)]
        quota: QuotaCommand,
    },
    /// Upload a packed release and publish its digest.
    #[command(
        after_help = "Example:\n  countersign publish storefront-2026.03.1.tar --name 'POD Storefront Core 2026.03.1' --key ada"
    )]
    Publish {
        /// The packed release.
        tar: PathBuf,
        /// Its name, as people read it.
        #[arg(long)]
        name: String,
        /// Whose engines alone may be bound to it: a tenant's name, or an id.
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// Register and list tenants.
    Tenant {
        /// What to do.
        #[command(subcommand)]
        tenant: TenantCommand,
    },
    /// Register and list engines.
    Engine {
        /// What to do.
        #[command(subcommand)]
        engine: EngineCommand,
    },
    /// Governed changes: open, seal, decide, run.
    #[command(
        after_help = "Example (a deployment by four people):\n  countersign change new --kind deployment --engine alpha --artifact DIGEST --key ada\n  countersign change seal CHANGE --key ada\n  countersign change approve CHANGE --key ben\n  countersign change approve CHANGE --key cy\n  countersign change run CHANGE --key ben"
    )]
    Change {
        /// What to do.
        #[command(subcommand)]
        change: ChangeCommand,
    },
    /// People: who they are, their roles, keys and deputies. Each change of them is a governed change.
    #[command(
        visible_alias = "people",
        after_help = "Example (a colleague joins):\n  countersign person invite Eve --role finance-reviewer > eve.invitation\n  countersign key prove --invitation eve.invitation --key eve > eve.possession   # Eve, with her own key\n  countersign person add Eve --role finance-reviewer --possession eve.possession --key ada\n  countersign change seal CHANGE --key ada"
    )]
    Person {
        /// What to do.
        #[command(subcommand)]
        person: PersonCommand,
    },
    /// Production nodes and the keys of services. Each change of them is a governed change.
    Node {
        /// What to do.
        #[command(subcommand)]
        node: NodeCommand,
    },
    /// Machine identities: pipelines and agents, which open drafts, ask for observations and use warrants.
    #[command(
        after_help = "Example (a pipeline joins):\n  countersign machine invite ci.release > ci.invitation\n  countersign key prove --invitation ci.invitation --key ci > ci.possession   # on the pipeline's machine\n  countersign machine add ci.release --possession ci.possession --key ada\n  countersign change seal CHANGE --key ada"
    )]
    Machine {
        /// What to do.
        #[command(subcommand)]
        machine: MachineCommand,
    },
    /// The keys that the ledger's own log is signed with. Each change of them is a governed change.
    #[command(
        after_help = "Example (one takes the place of another):\n  countersign log-key new > log.possession            # where Governance runs\n  countersign log-key add --possession log.possession --key ada\n  countersign change seal CHANGE --key ada             # countersigned and run, both keys sign\n  countersign log-key trust > trust.json               # for whoever verifies\n  countersign log-key remove 9cd0bb73 --key ada"
    )]
    LogKey {
        /// What to do.
        #[command(subcommand)]
        log_key: LogKeyCommand,
    },
    /// Warrants: that an external change was countersigned and run, for the tool that carries it out.
    #[command(
        after_help = "Example (a pipeline acts on it):\n  countersign warrant export CHANGE --out deploy.warrant\n  countersign warrant check deploy.warrant --trust trust.json --file plan.tar --target ci.example/deploy\n  countersign warrant use CHANGE --key ci"
    )]
    Warrant {
        /// What to do.
        #[command(subcommand)]
        warrant: WarrantCommand,
    },
    /// The documents that rule the ledger: rules, kinds of change, recalls, terms of tenants.
    #[command(
        after_help = "Example:\n  countersign settings show kinds > kinds.json\n  countersign settings change kinds kinds.json --reason 'Shorter approvals' --key ada"
    )]
    Settings {
        /// What to do.
        #[command(subcommand)]
        settings: SettingsCommand,
    },
    /// Make credentials for programs: to read, or to send events.
    Token {
        /// What to do.
        #[command(subcommand)]
        token: TokenCommand,
    },
    /// Sign a browser in at the console, with your own key.
    ///
    /// Prints an address that works once, for two minutes, and nothing else on standard output. It
    /// lets you read; decisions are signed by `change`. Nothing is signed for a console that follows
    /// another ledger than the one in trust.json.
    #[command(
        after_help = "Examples:\n  countersign login --key ada\n  countersign login --console http://localhost:8088 --key ~/.ssh/id_ed25519 --trust ~/trust.json\n  countersign login --agent ada.pub"
    )]
    Login(LoginArgs),
    /// Version, rules and formats of this build.
    Version,
    /// An engine's limits, then the engine; or the writer of its log (started by Engine Runtime).
    #[command(hide = true)]
    Confine {
        /// None to start what standard input says; `log FILE` to keep standard input there.
        words: Vec<String>,
    },
    /// The engines' reverse proxy, in the directory `--dir` (started by Engine Runtime).
    #[command(hide = true)]
    Front,
    /// The sample engine (started by Engine Runtime from an artifact).
    #[command(hide = true)]
    Storefront(StorefrontArgs),
}

/// `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Delete an earlier demonstration in the same directory first (only one with our marker).
    #[arg(long)]
    pub fresh: bool,
    /// First port.
    #[arg(long, default_value_t = crate::ports::BASE)]
    pub base_port: u16,
    /// What to do with the one that runs.
    #[command(subcommand)]
    pub command: Option<DemoCommand>,
}

/// What one does with a running demonstration.
#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Print an address that signs a browser in at its console, once, and open it where there is a screen.
    #[command(
        after_help = "Examples:\n  countersign demo open\n  countersign demo open --as 'Support Auditor 1'\n  countersign demo open --as finance-reviewer-1"
    )]
    Open {
        /// The persona, by name or by the name of its key file.
        #[arg(long = "as", value_name = "PERSONA", default_value = demo::PERSONAS[0].file)]
        persona: String,
    },
    /// Stop a service of the running demonstration, or `console`.
    Stop {
        /// Which.
        service: Child,
    },
    /// Start it again.
    Start {
        /// Which.
        service: Child,
    },
}

/// `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Exactly this service, or `console`, in the foreground.
    #[arg(long)]
    pub only: Option<Child>,
    /// Configuration file (JSON).
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// First port; the others are at fixed distances from it (default: as this directory was served last, at first 8080).
    #[arg(long)]
    pub base_port: Option<u16>,
    /// Start although the clock is far from the last leaf's.
    #[arg(long)]
    pub accept_clock: bool,
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// A founder, as NAME:ROLE[,ROLE]:KEY.pub.
    #[arg(long = "founder", value_name = "NAME:ROLES:KEY.pub")]
    pub founders: Vec<String>,
    /// How many founders must sign (default: all).
    #[arg(long)]
    pub need: Option<u32>,
    /// A service, or `console`, on another machine, as NAME:KEY.pub (from `key new --service`).
    #[arg(long = "service", value_name = "NAME:KEY.pub")]
    pub services: Vec<String>,
    /// The production node's name.
    #[arg(long, default_value = "prod-node-01")]
    pub node: model::Token,
    /// A governed document in place of the standard one, as `settings show` prints it.
    #[arg(long = "settings", value_name = "FILE")]
    pub settings: Vec<PathBuf>,
    /// Sign at once with these private keys of founders, and finish.
    #[arg(long = "key")]
    pub keys: Vec<PathBuf>,
    /// The steps for founders on several machines.
    #[command(subcommand)]
    pub step: Option<InitStep>,
}

/// The steps of a founding.
#[derive(Debug, Subcommand)]
pub enum InitStep {
    /// Sign the genesis as a founder.
    Sign {
        /// The founder's private key.
        #[arg(long)]
        key: PathBuf,
    },
    /// Write leaf 0 and trust.json.
    Finish,
}

/// `audit ls`.
#[derive(Debug, Args)]
pub struct AuditLs {
    /// All entries, not only headlines.
    #[arg(long)]
    pub all: bool,
    /// Only what was decided here, not what other systems reported.
    #[arg(long)]
    pub decided: bool,
    /// Most rows, 1 to 200.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
    /// Continue behind this cursor.
    #[arg(long)]
    pub before: Option<String>,
    /// Only this category, as `rollback`.
    #[arg(long)]
    pub category: Option<model::Category>,
    /// Only this severity or a higher one, as `medium`.
    #[arg(long)]
    pub severity: Option<model::Severity>,
    /// Only this engine's changes: its name, or id.
    #[arg(long)]
    pub engine: Option<String>,
    /// Only this change.
    #[arg(long)]
    pub change: Option<ChangeRef>,
    /// Only what has this in its actor's name.
    #[arg(long, default_value = "")]
    pub actor: String,
    /// Only what has this in its title or sentence.
    #[arg(long, default_value = "")]
    pub text: String,
    /// Recorded at this time or later: `today`, `yesterday`, `2h`, `2026-03-08`, `2026-03-08T18:18:00Z`.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Past>,
    /// Recorded before this time.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Past>,
}

/// `audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// The timeline, newest first.
    #[command(
        after_help = "Examples:\n  countersign audit ls\n  countersign audit ls --category rollback --severity medium\n  countersign audit ls --text 'dns drift' --actor 'operator 1' --from yesterday --json"
    )]
    Ls(AuditLs),
    /// One entry: statement, raw leaf, proof.
    Show {
        /// Its number, as 12; or as `audit ls` prints it, control/12.0.
        #[arg(value_name = "ENTRY", allow_negative_numbers = true)]
        entry: EntryRef,
        /// In which log: control or events (default: control, where the entry does not say).
        #[arg(long)]
        log: Option<String>,
    },
    /// Check a ledger offline, from its files: every byte, every signature, every decision again.
    #[command(
        after_help = "Examples:\n  countersign audit verify\n  countersign audit verify --trust ~/trust.json --dir /backup/countersign\n  countersign audit verify --seen ~/checkpoint.txt"
    )]
    Verify {
        /// What was pinned beforehand (default: trust.json of the data directory, which proves less: it
        /// lies beside the ledger).
        #[arg(long)]
        trust: Option<PathBuf>,
        /// A signed checkpoint that you kept: a file that holds one (a proof file does), or the note itself.
        /// The ledger must hold it. Those that the replicas beside the ledger kept are compared anyhow.
        #[arg(long, value_name = "FILE|NOTE")]
        seen: Option<String>,
        /// Check hashes and the log's own signatures only; the answer is then `intact`, exit code 7.
        #[arg(long)]
        hashes_only: bool,
    },
}

/// `tenant`.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Register one.
    New {
        /// Its name.
        name: String,
        #[command(flatten)]
        who: Who,
    },
    /// List them.
    Ls(ListArgs),
}

/// `storefront`.
#[derive(Debug, Args)]
pub struct StorefrontArgs {
    /// The unpacked artifact.
    #[arg(long)]
    pub release_dir: PathBuf,
    /// The engine's own directory.
    #[arg(long)]
    pub data_dir: PathBuf,
    /// Where to listen.
    #[arg(long)]
    pub listen: SocketAddr,
}

impl From<StorefrontArgs> for storefront::StorefrontOptions {
    fn from(args: StorefrontArgs) -> Self {
        Self { release_dir: args.release_dir, data_dir: args.data_dir, listen: args.listen, generation: None }
    }
}
