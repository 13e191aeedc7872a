//! The `tls` of listeners and of the upstream: files that are named, and not opened here.

use std::path::PathBuf;

use super::gateway_file::GatewayReader;
use super::view::View;
use super::words;
use crate::gateway::settings::{ClientCertificate, ClientTls, ServerTls};

impl<'d> GatewayReader<'_, 'd> {
    /// What a listener shows, and asks of its clients.
    pub(super) fn server_tls(&mut self, tls: View<'d>) -> Option<ServerTls> {
        let certificate = self.tls_file(tls.key("certificate"));
        let key = self.tls_file(tls.key("key"));
        let client_authorities = self.tls_file(tls.key("client_authorities"));
        if let (Some(node), true) = (
            tls.key("client_certificate").0,
            tls.key("client_authorities").0.is_none(),
        ) {
            self.complain(
                node,
                "`client_certificate` has no effect without `client_authorities`",
                "name the authorities whose certificates are asked for",
            );
        }
        Some(ServerTls {
            certificate: certificate?,
            key: key?,
            client_authorities,
            client_certificate: tls
                .key("client_certificate")
                .word(&words::CLIENT_CERTIFICATE)
                .unwrap_or(ClientCertificate::Required),
        })
    }

    /// Whom the gateway believes to be the message server, and what it shows there.
    pub(super) fn client_tls(&mut self, tls: View<'d>) -> ClientTls {
        let certificate = self.tls_file(tls.key("certificate"));
        let key = self.tls_file(tls.key("key"));
        let (has_certificate, has_key) = (tls.key("certificate").0, tls.key("key").0);
        if let (Some(node), None) | (None, Some(node)) = (has_certificate, has_key) {
            let help = "name both, or neither";
            self.complain(node, "`certificate` and `key` belong together", help);
        }
        ClientTls {
            authorities: self.tls_file(tls.key("authorities")),
            server_name: tls.key("server_name").text().map(str::to_owned),
            certificate: certificate.zip(key),
        }
    }

    /// A file of TLS: anywhere, relative to this file's directory.
    fn tls_file(&mut self, view: View<'d>) -> Option<PathBuf> {
        let path = self.directory.join(view.text()?);
        if !self.files.is_file(&path) {
            self.missing(view.0?, &path);
        }
        Some(path)
    }
}
