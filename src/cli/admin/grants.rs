//! `borderpost admin grants`.

use std::collections::BTreeMap;

use clap::Subcommand;
use serde_json::json;

use super::show::{Table, day};
use super::{Desk, ListArgs, Output, WhoArgs};
use crate::admin::grants::network;
use crate::cache::Snapshot;
use crate::cli::{Exit, complain, say};
use crate::policy::NetworkIx;
use crate::policy::grants::Event;
use crate::policy::settings::{Connect, Permission};
use crate::store::Row;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Who holds a grant: by a file, or given at run time
    List {
        #[command(flatten)]
        list: ListArgs,
        /// Only those for this network
        #[arg(long, value_name = "ID")]
        network: Option<String>,
    },
    /// Let members use a network
    Grant(ChangeArgs),
    /// Let them no longer
    Revoke(ChangeArgs),
}

#[derive(clap::Args)]
pub(super) struct ChangeArgs {
    /// The network
    #[arg(long, value_name = "ID")]
    network: String,
    #[command(flatten)]
    who: WhoArgs,
}

impl Command {
    pub async fn run(&self) -> Result<(), Exit> {
        match self {
            Self::List { list, network } => show(list, network.as_deref()).await,
            Self::Grant(args) => change(args, Event::Grant, "may use").await,
            Self::Revoke(args) => change(args, Event::Revoke, "may not use").await,
        }
    }
}

async fn change(
    args: &ChangeArgs,
    event: impl Fn(NetworkIx) -> Event,
    done: &str,
) -> Result<(), Exit> {
    let desk = Desk::open(&args.who.config).await?;
    let network = named(&desk.files, &args.network)?;
    let done = format!("{done} {}", args.network);
    desk.change(&args.who, event(network), &done).await
}

fn named(files: &Snapshot, id: &str) -> Result<NetworkIx, Exit> {
    network(files.settings(), &id.into()).ok_or_else(|| {
        let known = files.settings().networks.iter();
        let known: Vec<_> = known.map(|one| one.id.as_str()).collect();
        complain(format!(
            "there is no network `{id}`; there is {}",
            known.join(", ")
        ));
        Exit::Usage
    })
}

/// A grant, as it is listed.
struct Line {
    by: &'static str,
    since: String,
}

async fn show(args: &ListArgs, only: Option<&str>) -> Result<(), Exit> {
    let desk = Desk::open(&args.config).await?;
    if let Some(id) = only {
        named(&desk.files, id)?;
    }
    let (rows, now) = desk.look(args.company.as_deref()).await?;
    let lines = lines(rows, &now, args.company.as_deref());
    let lines = lines
        .iter()
        .filter(|((_, _, network), _)| only.is_none_or(|only| only == network));
    let mut table = Table::new(["MEMBER", "COMPANY", "NETWORK", "BY", "SINCE", "IN FORCE"]);
    let mut found = Vec::new();
    for ((company, id, network), line) in lines {
        let force = in_force(&now, company, id, network);
        found.push(json!({
            "member": id, "company": company, "network": network,
            "by": line.by, "since": line.since, "in_force": force,
        }));
        table.row([id, company, network, line.by, &line.since, force]);
    }
    match args.output {
        Output::Table => table.show("nobody holds a grant"),
        Output::Json => say(serde_json::Value::from(found)),
    }
    Ok(())
}

/// Every grant, by company, member and network.
fn lines(
    rows: Vec<Row>,
    now: &Snapshot,
    company: Option<&str>,
) -> BTreeMap<(String, String, String), Line> {
    let mut lines = BTreeMap::new();
    for row in rows {
        let (company, id) = (row.key.company.to_string(), row.key.id.to_string());
        for grant in row.grants {
            let key = (company.clone(), id.clone(), grant.network.to_string());
            let line = Line {
                by: grant.by.as_str(),
                since: day(grant.since),
            };
            lines.insert(key, line);
        }
    }
    for (id, ix) in now.listed() {
        let of = now.company_id(ix);
        if company.is_some_and(|only| only != of) {
            continue;
        }
        for network in now.provisioned(id).grants.iter() {
            let network = now.network_id(network).to_owned();
            let line = Line {
                by: "file",
                since: String::new(),
            };
            lines.insert((of.to_owned(), id.to_owned(), network), line);
        }
    }
    lines
}

/// Whether a grant lets its member use the network now, and if not, why.
fn in_force(now: &Snapshot, company: &str, id: &str, on: &str) -> &'static str {
    let (standing, settings) = (now.standing(id), now.settings());
    let own = standing.side.company();
    let Some(own) = own.filter(|own| now.company_id(*own) == company) else {
        return "no: not a member now";
    };
    let rules = network(settings, &on.into()).and_then(|network| settings.rules(own, network));
    match rules {
        Some(rules) if rules.connect == Connect::Allow => match rules.permission {
            _ if standing.suspended => "no: suspended",
            Permission::AllMembers => "sleeps: all members may",
            Permission::ByMember => "yes",
        },
        _ => "no: the network is denied",
    }
}
