//! The control loop: signals, reloads, upkeep, probes; and a clean end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use super::keeper::Keeper;
use super::reload::Reloader;
use super::watch::{Consulted, Watch};
use super::{App, AppError, admin, files_of};
use crate::config::Loaded;
use crate::telemetry::Meters;

/// How often caches are swept and histograms drained.
const UPKEEP: Duration = Duration::from_secs(5);

/// How often it is looked whether the upstream can be reached.
const PROBE: Duration = Duration::from_secs(5);

/// Runs a gateway by the files at `path`, which were consulted for `loaded`, until it is told to end.
pub async fn run(path: &Path, loaded: Loaded, consulted: Consulted) -> Result<(), AppError> {
    start(path, loaded, consulted)
        .await?
        .until_told_to_end()
        .await;
    Ok(())
}

/// A gateway that runs, with what keeps it running.
pub struct Started {
    /// The gateway.
    pub app: Arc<App>,
    /// What loads its files anew.
    pub reloader: Arc<Reloader>,
    /// Where the administrator's listener is.
    pub admin: SocketAddr,
    watch: Watch,
    signals: Signals,
    state: Arc<admin::State>,
    drain: Duration,
    admin_task: JoinHandle<()>,
    keeper: Option<(Arc<Notify>, JoinHandle<()>)>,
}

/// Starts a gateway, its administrator's listener, and what minds its store.
pub async fn start(
    path: &Path,
    mut loaded: Loaded,
    consulted: Consulted,
) -> Result<Started, AppError> {
    let (settings, store) = (loaded.gateway.clone(), loaded.store.clone());
    let address = loaded.admin.address;
    let watch = Watch::new(consulted);
    let meters = Meters::new();
    let listener = admin::bind(address)
        .await
        .map_err(|fault| AppError::Admin { address, fault })?;
    // Nobody is served before it is known what was revoked.
    let files = files_of(&mut loaded);
    let (keeper, snapshot) = match &store {
        Some(store) => {
            let (keeper, snapshot) = Keeper::open(store, files).await?;
            (Some(keeper), snapshot)
        }
        None => (None, files),
    };
    let first_seen = keeper.as_ref().map(Keeper::first_seen);
    let app = App::start_upon(snapshot, first_seen, loaded, meters.clone())?;
    let app = Arc::new(app);
    let state = Arc::new(admin::State::default());
    let keeper = keeper.map(|keeper| {
        let listed = keeper.listed();
        let minds = keeper.run(app.parts.current.clone(), meters.clone(), state.clone());
        (listed, tokio::spawn(minds))
    });
    let bound = listener.local_addr().unwrap_or(address);
    let admin_task = tokio::spawn(admin::serve(listener, meters, state.clone()));
    // Before anybody is told that it runs: a signal that nobody listens for would end the process.
    let signals = Signals::listen();
    info!(
        listeners = ?app.server.addresses(),
        admin = %bound,
        upstream = %format!("{}:{}", settings.upstream.host, settings.upstream.port),
        dialect = %app.parts.in_service.load().dialect.name,
        members = app.parts.current.owned().members(),
        revision = 1,
        "borderpost is running"
    );
    Ok(Started {
        app,
        drain: settings.waits.drain,
        reloader: Arc::new(Reloader::new(path.to_owned(), settings, store)),
        admin: bound,
        watch,
        signals,
        state,
        admin_task,
        keeper,
    })
}

impl Started {
    /// Reloads, sweeps and probes until SIGTERM or SIGINT; then drains.
    pub async fn until_told_to_end(self) {
        let Started {
            app,
            reloader,
            watch,
            signals,
            state,
            drain,
            admin_task,
            keeper,
            ..
        } = self;
        let (listed, keeper) = keeper.unzip();
        let mut control = Control {
            reloader,
            app,
            watch,
            state: state.clone(),
            listed,
        };
        control.until_told_to_end(signals).await;
        state.draining.store(true, Ordering::Relaxed);
        info!(seconds = drain.as_secs(), "draining");
        let Control { app, .. } = control;
        if let Ok(app) = Arc::try_unwrap(app) {
            let cut_off = app.server.drain(drain).await;
            info!(cut_off, "ended");
        }
        admin_task.abort();
        if let Some(keeper) = keeper {
            keeper.abort();
        }
    }
}

struct Control {
    reloader: Arc<Reloader>,
    app: Arc<App>,
    watch: Watch,
    state: Arc<admin::State>,
    /// What tells the keeper of the store, if there is one, that the files were read anew.
    listed: Option<Arc<Notify>>,
}

impl Control {
    async fn until_told_to_end(&mut self, signals: Signals) {
        let Signals {
            mut hangup,
            mut terminate,
            mut interrupt,
        } = signals;
        let mut upkeep = interval(UPKEEP);
        let mut probe = interval(PROBE);
        upkeep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        probe.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = next(&mut terminate) => return,
                () = next(&mut interrupt) => return,
                () = next(&mut hangup) => self.reload().await,
                () = self.watch.changed() => self.reload().await,
                _ = upkeep.tick() => self.app.upkeep(),
                _ = probe.tick() => self.probe().await,
            }
        }
    }

    /// Reads and builds on a thread of its own: a million members take a second.
    async fn reload(&mut self) {
        let (reloader, app) = (self.reloader.clone(), self.app.clone());
        let reload = move || {
            let consulted = Consulted::default();
            // The reloader itself has told how it went.
            let _ = reloader.reload(&app, &consulted);
            consulted
        };
        match tokio::task::spawn_blocking(reload).await {
            // What the new files name is watched too, and so is what a faulty one names.
            Ok(consulted) => {
                self.watch.follow(consulted);
                if let Some(listed) = &self.listed {
                    listed.notify_one();
                }
            }
            Err(fault) => warn!(%fault, "a reload broke off"),
        }
    }

    async fn probe(&self) {
        let (host, port) = self.reloader.upstream();
        let reached = timeout(Duration::from_secs(2), TcpStream::connect((host, port))).await;
        let reachable = matches!(reached, Ok(Ok(_)));
        if self.state.upstream.swap(reachable, Ordering::Relaxed) != reachable {
            info!(reachable, "the upstream's reachability has changed");
        }
    }
}

/// The signals that are listened for.
struct Signals {
    hangup: Option<Signal>,
    terminate: Option<Signal>,
    interrupt: Option<Signal>,
}

impl Signals {
    fn listen() -> Self {
        Self {
            hangup: listen_for(SignalKind::hangup()),
            terminate: listen_for(SignalKind::terminate()),
            interrupt: listen_for(SignalKind::interrupt()),
        }
    }
}

fn listen_for(kind: SignalKind) -> Option<Signal> {
    signal(kind)
        .inspect_err(|fault| warn!(%fault, "a signal can't be listened for"))
        .ok()
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
