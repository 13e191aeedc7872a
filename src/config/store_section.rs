//! The `store` of `gateway.yaml`. Nothing is opened here.

use super::gateway_file::GatewayReader;
use super::view::View;
use crate::store::{Settings, Url, UrlFault};
use crate::yaml::Node;

impl<'d> GatewayReader<'_, 'd> {
    /// Which store it is, if one is kept.
    pub(super) fn store(&mut self, store: View<'d>) -> Option<Settings> {
        let node = store.0?;
        match (store.key("sqlite"), store.key("postgres")) {
            (View(Some(_)), View(Some(_))) => {
                let help = "write `sqlite` or `postgres`, whichever it is";
                self.complain(node, "there are two stores", help);
                None
            }
            (file, View(None)) if file.0.is_some() => {
                Some(Settings::Sqlite(self.directory.join(file.text()?)))
            }
            (_, database) if database.0.is_some() => {
                let url = database.key("url").0?;
                self.url(url).map(Settings::Postgres)
            }
            _ => {
                let help = "write `sqlite: borderpost.db`, or `postgres` with its `url`";
                self.complain(node, "it is not said which store it is", help);
                None
            }
        }
    }

    fn url(&mut self, node: &'d Node) -> Option<Url> {
        let text = node.as_text().filter(|text| !text.is_empty())?;
        // What is written is not repeated: a password may stand in it.
        let (message, help) = match Url::new(text) {
            Ok(url) => {
                if hides_nothing(node, text) {
                    self.decoder
                        .warn(&node.span, "a password stands in the file")
                        .set_help("write `${BORDERPOST_STORE_URL}` and set that variable");
                }
                return Some(url);
            }
            Err(UrlFault::NotAUrl) => (
                "this is no address of a database",
                "write `postgres://user@host/database`",
            ),
            Err(UrlFault::InClearText) => (
                "this database would be spoken to in clear text",
                "add `?sslmode=require`: only on this machine TLS can be left out",
            ),
            Err(UrlFault::NotBuilt) => (
                "this program was built without PostgreSQL",
                "build it with the feature `postgres`, or write `sqlite: borderpost.db`",
            ),
        };
        self.complain(node, message, help);
        None
    }
}

/// Whether a password stands in the file itself, not in a variable.
fn hides_nothing(node: &Node, text: &str) -> bool {
    let written = node
        .as_scalar()
        .is_some_and(|scalar| scalar.written.is_none());
    let in_url = text
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('@'));
    let has_one = in_url.is_some_and(|(user, _)| user.contains(':')) || text.contains("password=");
    written && has_one
}
