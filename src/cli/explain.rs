//! `borderpost explain`.

mod act;
mod captured;
mod facts;
mod request;
mod show;
mod why;
mod world;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::{ConfigArgs, Exit, complain, say};
use crate::policy::{Act, ContentKind, KindSet, PersonId};
use act::{ActOf, explain_act};
use world::World;

#[derive(clap::Args)]
#[command(after_help = "\
May alice send a photo in a room of these people?

  borderpost explain --who alice --does send --kind camera --room alice,bob,line:mei

How was this request read, and why was it decided so? The file holds its head and its body as they \
were sent. What the gateway would ask the message server is said by flags; what is missing is listed:

  borderpost explain --request captured.http --as alice \\
    --place room:r3=alice,line:mei --thing message:m7=room:r3,author:alice,kind:camera

It shows the settings of all companies: it is for the installation's administrator.

Exit codes: 0 it may pass, 5 it is blocked, 2 something is missing, 3 the configuration is wrong.")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Who acts; of something shown: who wrote it
    #[arg(
        long,
        value_name = "ID",
        required_unless_present = "request",
        conflicts_with = "request"
    )]
    who: Option<String>,
    /// What is done [default: send, or show with --shown-to]
    #[arg(long, value_name = "ACT", value_parser = word::<Act>, conflicts_with = "request")]
    does: Option<Act>,
    /// The kinds of content in it
    #[arg(long = "kind", value_name = "KIND", value_parser = word::<ContentKind>,
          value_delimiter = ',', conflicts_with = "request")]
    kinds: Vec<ContentKind>,
    /// Who is in the room; `unknown` if nobody knows
    #[arg(
        long,
        value_name = "IDS",
        value_delimiter = ',',
        conflicts_with = "request"
    )]
    room: Vec<String>,
    /// Who would come into the room by it
    #[arg(
        long,
        value_name = "IDS",
        value_delimiter = ',',
        conflicts_with = "request"
    )]
    brings: Vec<String>,
    /// Who reads it, instead of everyone in the room
    #[arg(long, value_name = "ID", conflicts_with = "request")]
    shown_to: Option<String>,
    /// Those who come in can read what was said before
    #[arg(long, conflicts_with = "request")]
    history_visible: bool,
    /// A captured request: head and body as they were sent
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// On which of the dialect's legs the request came, if not from a client
    #[arg(long, value_name = "NAME", requires = "request")]
    leg: Option<String>,
    /// Whose credential the request carries, or by whose eyes the leg is read
    #[arg(long = "as", value_name = "ID", requires = "request")]
    owner: Option<String>,
    /// Who is in a place that the request names: SORT:ID=ID,ID; without `=` there is no such place
    #[arg(long = "place", value_name = "FACT", requires = "request")]
    places: Vec<String>,
    /// What an id in the request stands for: SORT:ID=SORT:ID,author:ID,contact:ID,kind:KIND
    #[arg(long = "thing", value_name = "FACT", requires = "request")]
    things: Vec<String>,
    /// How it is written
    #[arg(long, short, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    Text,
    Json,
}

pub(super) fn explain(args: &Args) -> Result<(), Exit> {
    let loaded = args.config.load()?;
    if loaded.store.is_some() {
        complain(
            "only the files are asked: what the store keeps is told by `borderpost admin grants list` \
             and `members list`",
        );
    }
    let world = World::new(args.config.path(), loaded);
    match (&args.request, &args.who) {
        (Some(path), _) => explain_request(args, &world, path),
        (None, Some(who)) => {
            let explained = explain_act(&world, &asked(args, who));
            print(args.output, &explained, show::act);
            if explained.allowed {
                Ok(())
            } else {
                Err(Exit::Blocked)
            }
        }
        (None, None) => Err(Exit::Usage),
    }
}

fn explain_request(args: &Args, world: &World, path: &Path) -> Result<(), Exit> {
    let usage = |fault: String| {
        complain(fault);
        Exit::Usage
    };
    let facts = facts::read(&world.dialect, &args.places, &args.things).map_err(usage)?;
    let captured = captured::read(path).map_err(usage)?;
    let Some((leg, _)) = world.dialect.leg(args.leg.as_deref()) else {
        let name = args.leg.as_deref().unwrap_or_default();
        return Err(usage(format!("the dialect has no leg `{name}`")));
    };
    let owner = args.owner.as_deref().map(PersonId::from);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|fault| {
            complain(fault);
            Exit::Failed
        })?;
    let explained = runtime.block_on(request::explain_request(
        world,
        (leg, captured),
        owner.as_ref(),
        &facts,
    ));
    print(args.output, &explained, show::request);
    match explained.allowed {
        Some(true) => Ok(()),
        Some(false) => Err(Exit::Blocked),
        None => Err(Exit::Usage),
    }
}

fn asked(args: &Args, who: &str) -> ActOf {
    let people = |ids: &[String]| ids.iter().map(|id| PersonId::from(id.as_str())).collect();
    let otherwise = if args.shown_to.is_some() {
        Act::Show
    } else {
        Act::Send
    };
    ActOf {
        who: who.into(),
        act: args.does.unwrap_or(otherwise),
        kinds: args.kinds.iter().copied().collect::<KindSet>(),
        room: (args.room != ["unknown"]).then(|| people(&args.room)),
        brings: people(&args.brings),
        shown_to: args.shown_to.as_deref().map(PersonId::from),
        history_visible: args.history_visible,
    }
}

fn print<T: Serialize>(output: Output, explained: &T, text: impl Fn(&T) -> String) {
    match output {
        Output::Text => say(text(explained).trim_end()),
        Output::Json => match serde_json::to_string_pretty(explained) {
            Ok(json) => say(json),
            Err(fault) => complain(fault),
        },
    }
}

/// One of the policy's words.
fn word<W: Word>(text: &str) -> Result<W, String> {
    let words: Vec<&str> = W::words();
    text.parse()
        .map_err(|_| format!("it is one of {}", words.join(", ")))
}

/// A closed list of words.
trait Word: std::str::FromStr + Clone + Send + Sync + 'static {
    fn words() -> Vec<&'static str>;
}

impl Word for Act {
    fn words() -> Vec<&'static str> {
        Act::ALL.iter().map(|word| word.as_str()).collect()
    }
}

impl Word for ContentKind {
    fn words() -> Vec<&'static str> {
        ContentKind::ALL.iter().map(|word| word.as_str()).collect()
    }
}
