//! TLS on both sides: rustls with one crypto provider, from PEM files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

use super::settings::{ClientCertificate, ClientTls, Listener, ServerTls};

/// Why TLS can't be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file can't be read, or holds no PEM of the kind that is wanted.
    #[error("`{}`: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The files can be read, and do not fit together.
    #[error("`{}`: {source}", path.display())]
    Rejected {
        /// The certificate file.
        path: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
    /// The system's authorities can't be read.
    #[error("no certificate authority of the system could be read")]
    NoAuthorities,
}

/// The certificates of all listeners, replaced while they run.
#[derive(Debug)]
pub(super) struct Certificates {
    /// One a listener, in their order; swapped by [`Certificates::reload`].
    configs: Vec<Option<ArcSwap<ServerConfig>>>,
    listeners: Vec<Listener>,
}

impl Certificates {
    pub(super) fn load(listeners: &[Listener]) -> Result<Self, TlsError> {
        Ok(Self {
            configs: load_all(listeners)?
                .into_iter()
                .map(|config| config.map(ArcSwap::from))
                .collect(),
            listeners: listeners.to_vec(),
        })
    }

    /// Reads all files again. On a fault everything stays as it was.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        for (slot, config) in self.configs.iter().zip(load_all(&self.listeners)?) {
            if let (Some(slot), Some(config)) = (slot, config) {
                slot.store(config);
            }
        }
        Ok(())
    }

    /// What a listener speaks now, if it speaks TLS.
    pub(super) fn current(&self, listener: usize) -> Option<Arc<ServerConfig>> {
        Some(self.configs.get(listener)?.as_ref()?.load_full())
    }
}

fn load_all(listeners: &[Listener]) -> Result<Vec<Option<Arc<ServerConfig>>>, TlsError> {
    listeners
        .iter()
        .map(|listener| {
            let tls = listener.tls.as_ref();
            tls.map(|tls| server_config(tls, listener.http2))
                .transpose()
        })
        .collect()
}

fn server_config(settings: &ServerTls, http2: bool) -> Result<Arc<ServerConfig>, TlsError> {
    let rejected = |source| TlsError::Rejected {
        path: settings.certificate.clone(),
        source,
    };
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(rejected)?;
    let builder = match &settings.client_authorities {
        None => builder.with_no_client_auth(),
        Some(path) => {
            builder.with_client_cert_verifier(client_verifier(path, settings.client_certificate)?)
        }
    };
    let mut config = builder
        .with_single_cert(certificates(&settings.certificate)?, key(&settings.key)?)
        .map_err(rejected)?;
    config.alpn_protocols = if http2 {
        vec![b"h2".to_vec(), b"http/1.1".to_vec()]
    } else {
        vec![b"http/1.1".to_vec()]
    };
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(rejected)?;
    Ok(Arc::new(config))
}

fn client_verifier(
    path: &Path,
    wanted: ClientCertificate,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(path)?), provider());
    let builder = match wanted {
        ClientCertificate::Optional => builder.allow_unauthenticated(),
        ClientCertificate::Required => builder,
    };
    builder.build().map_err(|error| file_error(path, error))
}

/// How an upstream is spoken to by TLS, offering one protocol.
pub(crate) fn client_config(
    settings: &ClientTls,
    protocol: &[u8],
) -> Result<Arc<ClientConfig>, TlsError> {
    let origin = settings.authorities.clone().unwrap_or_default();
    let rejected = |source| TlsError::Rejected {
        path: origin.clone(),
        source,
    };
    let roots = match &settings.authorities {
        Some(path) => roots(path)?,
        None => system_roots()?,
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| file_error(&origin, error))?;
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(rejected)?
        .with_webpki_verifier(verifier);
    let mut config = match &settings.certificate {
        None => builder.with_no_client_auth(),
        Some((certificate, own_key)) => builder
            .with_client_auth_cert(certificates(certificate)?, key(own_key)?)
            .map_err(rejected)?,
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(Arc::new(config))
}

/// The one crypto provider.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| file_error(path, error))?;
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let (added, _) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        return Err(TlsError::NoAuthorities);
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path)?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| file_error(path, error))?;
    if certificates.is_empty() {
        return Err(file_error(path, "no certificate in it"));
    }
    Ok(certificates)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| file_error(path, error))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error: io::Error| file_error(path, error))
}

fn file_error(path: &Path, reason: impl std::fmt::Display) -> TlsError {
    TlsError::File {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
