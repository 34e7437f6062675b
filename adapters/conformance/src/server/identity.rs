//! Certificate authorities and certificates, generated in each run.
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};
use std::{
    io,
    sync::{Arc, OnceLock},
};

/// A generated certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: Vec<u8>,
}

/// The certificate and key of a server.
pub(crate) struct Identity {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// The authority that clients under test trust.
pub(crate) fn authority() -> io::Result<&'static Authority> {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    match AUTHORITY.get() {
        Some(authority) => Ok(authority),
        None => {
            let made = Authority::new().map_err(io::Error::other)?;
            Ok(AUTHORITY.get_or_init(|| made))
        }
    }
}

/// A new authority that no client trusts.
pub(crate) fn untrusted_authority() -> io::Result<Authority> {
    Authority::new().map_err(io::Error::other)
}

impl Authority {
    fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let root = params.self_signed(&key)?.der().to_vec();
        Ok(Self {
            issuer: Issuer::new(params, key),
            root,
        })
    }

    /// The root, in DER.
    pub(crate) fn root(&self) -> Vec<u8> {
        self.root.clone()
    }

    /// A valid certificate for this name.
    pub(crate) fn identity(&self, name: &str) -> io::Result<Identity> {
        self.issue(name, (2020, 2099)).map_err(io::Error::other)
    }

    /// An expired certificate for this name.
    pub(crate) fn expired(&self, name: &str) -> io::Result<Identity> {
        self.issue(name, (2000, 2001)).map_err(io::Error::other)
    }

    fn issue(&self, name: &str, (from, until): (i32, i32)) -> Result<Identity, rcgen::Error> {
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate()?;
        Ok(Identity {
            certificate: params.signed_by(&key, &self.issuer)?.der().to_vec(),
            key: key.serialize_der(),
        })
    }
}

impl Identity {
    /// A TLS server configuration that offers these ALPN protocols.
    pub(super) fn config(&self, protocols: &[&[u8]]) -> io::Result<Arc<ServerConfig>> {
        let key = PrivatePkcs8KeyDer::from(self.key.clone());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder
                    .with_no_client_auth()
                    .with_single_cert(vec![self.certificate.clone().into()], key.into())
            })
            .map_err(io::Error::other)?;
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Arc::new(config))
    }
}
