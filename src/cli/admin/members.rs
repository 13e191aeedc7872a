//! `borderpost admin members`.

use clap::Subcommand;
use serde_json::json;

use super::show::{Table, day};
use super::{Desk, ListArgs, Output, WhoArgs};
use crate::cli::{Exit, say};
use crate::policy::grants::{Event, Life};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Who has appeared, or was deleted
    List(ListArgs),
    /// Take all rights from members, reversibly
    Suspend(WhoArgs),
    /// Give suspended members back what they had
    Resume(WhoArgs),
    /// Take all rights from members for good: whoever is created by the same id is another
    Delete(WhoArgs),
    /// Make members; where they were deleted, new ones
    Create(WhoArgs),
}

impl Command {
    pub async fn run(&self) -> Result<(), Exit> {
        let (who, event, done) = match self {
            Self::List(args) => return list(args).await,
            Self::Suspend(who) => (who, Event::Suspend, "is suspended"),
            Self::Resume(who) => (who, Event::Resume, "is active"),
            Self::Delete(who) => (who, Event::Delete, "is deleted"),
            Self::Create(who) => (who, Event::Create, "is there"),
        };
        Desk::open(&who.config)
            .await?
            .change(who, event, done)
            .await
    }
}

async fn list(args: &ListArgs) -> Result<(), Exit> {
    let desk = Desk::open(&args.config).await?;
    let (rows, _) = desk.look(args.company.as_deref()).await?;
    let mut table = Table::new(["MEMBER", "COMPANY", "STATE", "SINCE"]);
    let mut found = Vec::new();
    for row in &rows {
        let (company, id) = (row.key.company.as_str(), row.key.id.as_str());
        let by_file = desk.files.provisioned(id).suspended;
        let state = match row.life {
            Life::Deleted => "deleted",
            Life::Suspended => "suspended",
            _ if by_file => "suspended by file",
            _ => "active",
        };
        let since = day(row.since);
        found.push(json!({ "member": id, "company": company, "state": state, "since": since }));
        table.row([id, company, state, &since]);
    }
    match args.output {
        Output::Table => table.show("nobody has appeared yet"),
        Output::Json => say(serde_json::Value::from(found)),
    }
    Ok(())
}
