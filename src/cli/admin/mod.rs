//! `borderpost admin`: what an administrator changes while the gateway runs, from the shell.
//!
//! It opens the gateway's own store, beside the gateway, which sees the change within a second.

mod grants;
mod members;
mod show;

use std::sync::Arc;

use clap::{Subcommand, ValueEnum};

use super::{ConfigArgs, Exit, complain};
use crate::admin::grants::{Changed, Outcome, Refused, change};
use crate::app::files_of;
use crate::cache::{Kept, Snapshot};
use crate::config::{Origin, Origins};
use crate::policy::grants::{Event, Refusal};
use crate::policy::{CompanyIx, PersonId};
use crate::store::{self, Store, StoreError};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Who may use which network, where permission is by member
    #[command(subcommand)]
    Grants(grants::Command),
    /// Who has appeared; suspend, resume, delete and create members
    #[command(subcommand)]
    Members(members::Command),
}

/// Whose rights change.
#[derive(clap::Args)]
struct WhoArgs {
    /// The members, by id
    #[arg(required = true, value_name = "MEMBER")]
    members: Vec<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Which of the members are listed, and how.
#[derive(clap::Args)]
struct ListArgs {
    /// Only those of this company
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// How they are written
    #[arg(long, short, value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    Table,
    Json,
}

pub(super) fn admin(args: &Args) -> Result<(), Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| failed(&fault))?;
    runtime.block_on(async {
        match &args.command {
            Command::Grants(command) => command.run().await,
            Command::Members(command) => command.run().await,
        }
    })
}

/// The files, and the store that they name.
struct Desk {
    files: Arc<Snapshot>,
    origins: Origins,
    store: Arc<dyn Store>,
}

impl Desk {
    async fn open(config: &ConfigArgs) -> Result<Self, Exit> {
        let mut loaded = config.load()?;
        let Some(settings) = &loaded.store else {
            complain(format!(
                "{} names no `store`, so nothing can be changed but in the files",
                config.path().display()
            ));
            return Err(Exit::Failed);
        };
        let store = store::open(settings)
            .await
            .map_err(|fault| failed(&fault))?;
        Ok(Self {
            files: Arc::new(files_of(&mut loaded)),
            origins: std::mem::take(&mut loaded.origins),
            store,
        })
    }

    /// Changes members, and says what came of each. All are tried.
    async fn change(&self, who: &WhoArgs, event: Event, done: &str) -> Result<(), Exit> {
        let people: Vec<PersonId> = who.members.iter().map(|id| id.as_str().into()).collect();
        let outcomes = change(&*self.store, &self.files, &people, event)
            .await
            .map_err(|fault: StoreError| failed(&fault))?;
        let refused = outcomes
            .iter()
            .filter(|outcome| !self.tell(outcome, done))
            .count();
        if refused > 0 {
            return Err(Exit::Failed);
        }
        Ok(())
    }

    /// Says what came of it for one member; whether it is as was asked now.
    fn tell(&self, (id, outcome): &Outcome, done: &str) -> bool {
        match outcome {
            Ok(Changed::Yes) => super::say(format!("{id}: {done}")),
            Ok(Changed::AsItWas) => super::say(format!("{id}: {done} already")),
            Err(refused) => {
                let place = self.place(id, refused).map(|at| format!(" ({at})"));
                complain(format!("{id}: {refused}{}", place.unwrap_or_default()));
            }
        }
        outcome.is_ok()
    }

    /// Where in the files that is said with which a change conflicts.
    fn place(&self, id: &PersonId, refused: &Refused) -> Option<String> {
        let Refused::Conflict(company, refusal) = refused else {
            let company = self.files.standing(id.as_str()).side.company()?;
            return self.company_key(company, "members");
        };
        match refusal {
            Refusal::AllMembers(network) => self
                .origins
                .setting(*company, *network, "permission")
                .map(Origin::to_string),
            Refusal::Provisioned(network) => self
                .origins
                .setting(*company, *network, "connected_members")
                .map(Origin::to_string),
            Refusal::SuspendedByFile => self.company_key(*company, "suspended"),
            Refusal::Deleted => Some("`members create` makes a new one".to_owned()),
        }
    }

    fn company_key(&self, company: CompanyIx, key: &str) -> Option<String> {
        self.origins.company(company, key).map(Origin::to_string)
    }

    /// Everybody whom the store keeps, of one company or of all, in order; and what that adds up to
    /// with the files.
    async fn look(&self, company: Option<&str>) -> Result<(Vec<store::Row>, Snapshot), Exit> {
        if let Some(id) = company {
            let companies = &self.files.settings().companies;
            if !companies.iter().any(|one| one.id.as_str() == id) {
                complain(format!("there is no company `{id}`"));
                return Err(Exit::Usage);
            }
        }
        let changes = self.store.since(0).await.map_err(|fault| failed(&fault))?;
        let mut kept = Kept::default();
        kept.take(changes.revision, &changes.rows);
        let mut rows = changes.rows;
        rows.retain(|row| company.is_none_or(|id| row.key.company.as_str() == id));
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        Ok((rows, self.files.with(Arc::new(kept))))
    }
}

fn failed(fault: &dyn std::error::Error) -> Exit {
    complain(fault);
    Exit::Failed
}
