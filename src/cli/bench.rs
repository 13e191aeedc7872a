//! `borderpost bench`: the same request again and again, over so many connections, and how long the
//! answers took. Knows nothing of dialects: it is told what to send.

mod link;
mod load;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri};

use super::{Exit, complain, say};
use crate::yaml::parse_duration;
use link::Target;
use load::Plan;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Where requests go: http://host:port/path, or https://
    url: Uri,
    /// Connections, each with one request at a time
    #[arg(long, short, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    connections: u16,
    /// How long, e.g. 30s
    #[arg(long = "for", default_value = "10s", value_name = "DURATION", value_parser = duration)]
    lasting: Duration,
    /// Stop after so many requests
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// Requests a second in all, whatever the answers take [default: as fast as they are answered]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Speak HTTP/2
    #[arg(long)]
    http2: bool,
    /// The authorities to trust for https, PEM [default: the system's]
    #[arg(long, value_name = "PATH")]
    authorities: Option<PathBuf>,
    /// The method [default: GET; POST with a body]
    #[arg(long, short = 'X')]
    method: Option<Method>,
    /// A header, `name: value`; can be given again
    #[arg(long, short = 'H', value_name = "HEADER", value_parser = header)]
    header: Vec<(HeaderName, HeaderValue)>,
    /// The body
    #[arg(long, short = 'd', value_name = "TEXT", conflicts_with = "body_file")]
    body: Option<String>,
    /// A file that holds the body
    #[arg(long, value_name = "PATH")]
    body_file: Option<PathBuf>,
    /// How long an answer is waited for
    #[arg(long, default_value = "10s", value_name = "DURATION", value_parser = duration)]
    patience: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "a number and a unit, e.g. `30s`".to_owned())
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("`name: value`")?;
    let name = name.trim().parse();
    let value = value.trim().parse();
    Ok((
        name.map_err(|_| "no name of a header")?,
        value.map_err(|_| "no value of a header")?,
    ))
}

pub(super) fn bench(args: &Args) -> Result<(), Exit> {
    let plan = plan(args).map_err(|fault| {
        complain(fault);
        Exit::Usage
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| {
            complain(fault);
            Exit::Failed
        })?;
    let seen = runtime.block_on(load::run(plan, args.connections));
    let speaks = if args.http2 { "HTTP/2" } else { "HTTP/1.1" };
    let manner = match args.rate {
        Some(rate) => format!("{rate} requests a second, latency from when each was due"),
        None => "each connection as fast as it is answered".to_owned(),
    };
    say(format_args!(
        "{} connections, {speaks}, {manner}",
        args.connections
    ));
    say(&seen);
    match seen.answered() {
        0 => Err(Exit::Failed),
        _ => Ok(()),
    }
}

fn plan(args: &Args) -> anyhow::Result<Plan> {
    let body: Bytes = match (&args.body, &args.body_file) {
        (Some(text), _) => text.clone().into(),
        (None, Some(path)) => std::fs::read(path)
            .map_err(|fault| anyhow::anyhow!("{}: {fault}", path.display()))?
            .into(),
        (None, None) => Bytes::new(),
    };
    let method = match &args.method {
        Some(method) => method.clone(),
        None if body.is_empty() => Method::GET,
        None => Method::POST,
    };
    let target = Target::new(&args.url, args.http2, args.authorities.as_deref())?;
    let mut request = target.request(method, body)?;
    for (name, value) in &args.header {
        request.headers_mut().append(name, value.clone());
    }
    Ok(Plan {
        target,
        request,
        requests_max: args.requests.unwrap_or(u64::MAX),
        lasting: args.lasting,
        rate: args.rate,
        patience: args.patience,
    })
}
