//! TLS on both sides: versions of HTTP by ALPN, certificates that change, certificates of clients.

use std::path::PathBuf;
use std::sync::Arc;

use borderpost::gateway::settings::{
    ClientCertificate, ClientTls, Listener, ServerTls, Settings, UpstreamHttp,
};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tempfile::TempDir;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::http2::{Peer, open, runtime, text};
use super::kit::{Gateway, OK, Recorder, answer, settings};

/// An authority, and files that hold what it signed.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `<file>.pem` and `<file>.key` for this host.
    fn issue(&self, file: &str, host: &str) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (pem, key_pem) = (
            self.path(&format!("{file}.pem")),
            self.path(&format!("{file}.key")),
        );
        std::fs::write(&pem, certificate.pem()).unwrap();
        std::fs::write(&key_pem, key.serialize_pem()).unwrap();
        (pem, key_pem)
    }

    /// How a client that trusts this authority speaks, with a certificate of its own if one is named.
    fn client(&self, protocol: &[u8], own: Option<&str>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match own {
            None => builder.with_no_client_auth(),
            Some(file) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_file(self.path(&format!("{file}.pem"))).unwrap()],
                    PrivateKeyDer::from_pem_file(self.path(&format!("{file}.key"))).unwrap(),
                )
                .unwrap(),
        };
        config.alpn_protocols = vec![protocol.to_vec()];
        Arc::new(config)
    }
}

fn secured(authority: &Authority, upstream: std::net::SocketAddr) -> Settings {
    let (certificate, key) = authority.issue("server", "chat.example");
    let mut settings = settings(upstream);
    settings.listeners = vec![Listener {
        address: "127.0.0.1:0".parse().unwrap(),
        tls: Some(ServerTls {
            certificate,
            key,
            client_authorities: None,
            client_certificate: ClientCertificate::Optional,
        }),
        http2: true,
        leg: None,
    }];
    settings
}

async fn shake(
    gateway: &Gateway,
    config: Arc<ClientConfig>,
    host: &'static str,
) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    let tcp = tokio::net::TcpStream::connect(gateway.address).await?;
    let name = ServerName::try_from(host).unwrap();
    TlsConnector::from(config).connect(name, tcp).await
}

/// One GET over HTTP/1; an error if the gateway does not go on.
async fn get(tls: TlsStream<tokio::net::TcpStream>) -> hyper::Result<String> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls)).await?;
    tokio::spawn(connection);
    let request = Request::get("/r")
        .header("host", "chat.example")
        .body(Full::<Bytes>::default())
        .unwrap();
    Ok(text(sender.send_request(request).await?).await.1)
}

fn recorder() -> Recorder {
    Recorder::start(|_, stream| answer(stream, OK))
}

#[test]
fn http1_and_http2_by_alpn() {
    let (authority, recorder) = (Authority::new(), recorder());
    let gateway = Gateway::start(secured(&authority, recorder.address));
    runtime().block_on(async {
        let tls = shake(
            &gateway,
            authority.client(b"http/1.1", None),
            "chat.example",
        )
        .await
        .unwrap();
        assert_eq!(get(tls).await.unwrap(), "ok");
        assert_eq!(recorder.next().header("x-forwarded-proto"), Some("https"));

        let tls = shake(&gateway, authority.client(b"h2", None), "chat.example")
            .await
            .unwrap();
        let mut sender = open(tls).await;
        let request = Request::post("https://chat.example/r")
            .body(Full::from("hi"))
            .unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(text(answer).await, (200, "ok".into()));
        let recorded = recorder.next();
        assert_eq!(recorded.body, b"hi");
        assert_eq!(recorded.header("via"), Some("2.0 borderpost"));
    });
}

#[test]
fn plain_text_on_a_tls_port_gets_nothing() {
    let (authority, recorder) = (Authority::new(), recorder());
    let gateway = Gateway::start(secured(&authority, recorder.address));
    let mut client = gateway.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let said = client.read_to_end();
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    assert!(recorder.rest().is_empty());
}

#[test]
fn a_certificate_is_replaced_while_connections_live_and_a_faulty_one_is_not_taken() {
    let (authority, recorder) = (Authority::new(), recorder());
    let gateway = Gateway::start(secured(&authority, recorder.address));
    let config = authority.client(b"http/1.1", None);
    runtime().block_on(async {
        let before = shake(&gateway, config.clone(), "chat.example")
            .await
            .unwrap();

        authority.issue("server", "new.example");
        gateway.running.reload_certificates().unwrap();
        assert!(
            shake(
                &gateway,
                authority.client(b"http/1.1", None),
                "chat.example"
            )
            .await
            .is_err()
        );
        let tls = shake(&gateway, config.clone(), "new.example")
            .await
            .unwrap();
        assert_eq!(get(tls).await.unwrap(), "ok");

        std::fs::write(authority.path("server.pem"), "not a certificate").unwrap();
        let error = gateway
            .running
            .reload_certificates()
            .unwrap_err()
            .to_string();
        assert!(error.contains("server.pem"), "{error}");
        shake(&gateway, config.clone(), "new.example")
            .await
            .unwrap();

        assert_eq!(
            get(before).await.unwrap(),
            "ok",
            "the old connection lives on"
        );
    });
}

#[test]
fn client_certificates_are_asked_for_and_may_be_required() {
    let (authority, recorder) = (Authority::new(), recorder());
    authority.issue("alice", "alice.example");
    let stranger = Authority::new();
    stranger.issue("eve", "eve.example");
    let strange = {
        // Eve trusts our authority, and shows a certificate of hers.
        let (pem, key) = (stranger.path("eve.pem"), stranger.path("eve.key"));
        std::fs::copy(pem, authority.path("eve.pem")).unwrap();
        std::fs::copy(key, authority.path("eve.key")).unwrap();
        "eve"
    };
    for (wanted, own, passes) in [
        (ClientCertificate::Required, Some("alice"), true),
        (ClientCertificate::Required, None, false),
        (ClientCertificate::Required, Some(strange), false),
        (ClientCertificate::Optional, Some("alice"), true),
        (ClientCertificate::Optional, None, true),
        (ClientCertificate::Optional, Some(strange), false),
    ] {
        let mut settings = secured(&authority, recorder.address);
        let tls = settings.listeners[0].tls.as_mut().unwrap();
        tls.client_authorities = Some(authority.path("ca.pem"));
        tls.client_certificate = wanted;
        let gateway = Gateway::start(settings);
        let got = runtime().block_on(async {
            match shake(&gateway, authority.client(b"http/1.1", own), "chat.example").await {
                Ok(tls) => get(tls).await.is_ok(),
                Err(_) => false,
            }
        });
        assert_eq!(got, passes, "{wanted:?} {own:?}");
    }
}

fn upstream_tls(authority: &Authority, name: &str) -> ClientTls {
    ClientTls {
        authorities: Some(authority.path("ca.pem")),
        server_name: Some(name.to_owned()),
        certificate: None,
    }
}

fn upstream_config(authority: &Authority, protocol: &[u8]) -> Arc<rustls::ServerConfig> {
    let (pem, key) = authority.issue("upstream", "backend.internal");
    let mut config =
        rustls::ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_file(pem).unwrap()],
                PrivateKeyDer::from_pem_file(key).unwrap(),
            )
            .unwrap();
    config.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(config)
}

#[test]
fn an_upstream_is_spoken_to_by_tls_and_must_be_who_it_says() {
    let authority = Authority::new();
    let other = Authority::new();
    let peer = Peer::start(Some(upstream_config(&authority, b"h2")));
    for (trusted, name, status) in [
        (&authority, "backend.internal", 200),
        (&authority, "other.internal", 502),
        (&other, "backend.internal", 502),
    ] {
        let mut settings = settings(peer.address);
        settings.upstream.tls = Some(upstream_tls(trusted, name));
        settings.upstream.http = UpstreamHttp::Http2;
        let gateway = Gateway::start(settings);
        let answer = gateway
            .connect()
            .send("GET /r HTTP/1.1\r\nHost: a\r\n\r\n")
            .read();
        assert_eq!(answer.status, status, "{name}");
        let said = if status == 200 {
            "GET backend.internal /r "
        } else {
            "Tls"
        };
        assert_eq!(answer.text(), said);
    }
}

#[test]
fn an_upstream_that_does_not_speak_the_version_is_refused() {
    let authority = Authority::new();
    let peer = Peer::start(Some(upstream_config(&authority, b"h2")));
    let mut settings = settings(peer.address);
    settings.upstream.tls = Some(upstream_tls(&authority, "backend.internal"));
    settings.upstream.http = UpstreamHttp::Http1;
    let gateway = Gateway::start(settings);
    let answer = gateway
        .connect()
        .send("GET /r HTTP/1.1\r\nHost: a\r\n\r\n")
        .read();
    assert_eq!((answer.status, answer.text()), (502, "Tls"));
}
