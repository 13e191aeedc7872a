//! Debian's PostgreSQL, in a directory of its own, on a socket of its own, as a user who is not root.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use borderpost::clock;
use borderpost::store::{Settings, Url};
use tempfile::TempDir;

/// As whom it runs where the tests are root, which it refuses to be.
const USER: &str = "postgres";

/// A server that ends when this is dropped, or when the tests end.
pub struct Server {
    directory: TempDir,
    programs: PathBuf,
    child: Option<(Child, ChildStdin)>,
}

impl Server {
    /// Sets one up and starts it; `None`, if it is not installed, which it must be in CI.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "install PostgreSQL");
            eprintln!("left out: PostgreSQL is not installed (Debian's package `postgresql`)");
            return None;
        };
        // The socket's path must be short.
        let directory = tempfile::tempdir_in("/tmp").expect("a directory");
        let mut server = Self {
            directory,
            programs,
            child: None,
        };
        if is_root() {
            let owned = Command::new("chown").arg(USER).arg(server.path()).status();
            assert!(owned.expect("chown").success());
        }
        let made = server
            .command("initdb")
            .args(["--no-sync", "--auth=trust", "--username=postgres"])
            .args(["--encoding=UTF8", "--no-locale", "-D"])
            .arg(server.path().join("data"))
            .output()
            .expect("initdb");
        assert!(made.status.success(), "{made:?}");
        server.run();
        Some(server)
    }

    /// Starts it anew, after [`Self::stop`].
    pub fn run(&mut self) {
        // It ends with its standard input, so that it does not outlive the tests.
        let script = "\"$@\" & server=$!; read _; kill -QUIT $server; wait $server";
        let postgres = self.programs.join("postgres");
        let mut child = self
            .command("sh")
            .args(["-c", script, "sh"])
            .arg(postgres)
            .arg("-D")
            .arg(self.path().join("data"))
            .arg("-k")
            .arg(self.path())
            .args(["-c", "listen_addresses=", "-c", "max_connections=50"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server");
        let stdin = child.stdin.take().expect("its standard input");
        self.child = Some((child, stdin));
        let until = clock::now() + std::time::Duration::from_secs(30);
        while !self.sql("postgres", "SELECT 1") {
            assert!(clock::now() < until, "the server does not come up");
        }
    }

    /// Ends it as a crash would: nobody is told.
    pub fn stop(&mut self) {
        if let Some((mut child, mut stdin)) = self.child.take() {
            let _ = stdin.write_all(b"\n");
            let _ = child.wait();
        }
    }

    /// A database that is new.
    pub fn database(&self) -> Settings {
        Settings::Postgres(Url::new(&self.new_url()).expect("an address"))
    }

    /// The address of a database that is new.
    pub fn new_url(&self) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(self.sql("postgres", &format!("CREATE DATABASE {name}")));
        let host = self.path().display();
        format!("host={host} user=postgres dbname={name}")
    }

    fn sql(&self, database: &str, sql: &str) -> bool {
        let mut command = self.command("psql");
        command.args(["-q", "-h"]).arg(self.path());
        command.args(["-U", "postgres", "-d", database, "-c", sql]);
        let done = command.output().expect("psql");
        done.status.success()
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let path = if path.exists() { path } else { program.into() };
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
            command.arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/tmp");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The server that most tests share; `None`, if it is not installed.
pub fn shared() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED.get_or_init(Server::start).as_ref()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout.trim_ascii() == b"0"
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<_> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|programs| programs.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}
