//! TLS configurations: which certificate authorities are trusted.
use byourside_proto::BuildError;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier, pki_types::CertificateDer};
use std::sync::Arc;

/// A TLS configuration that trusts what the crate's features say: with `platform-verifier` what the system trusts, else
/// with `webpki-roots` the certificate authorities that come with the crate.
///
/// # Errors
/// [`BuildError::NoTlsRoots`] if neither feature is enabled, or the system's verifier cannot be used.
pub fn tls_config() -> Result<ClientConfig, BuildError> {
    with_roots(builder()?)
}

/// A TLS configuration that trusts only these certificate authorities, each in DER.
///
/// # Errors
/// [`BuildError::NoTlsRoots`] if `roots` is empty, or one of them is not a certificate.
pub fn tls_config_with_roots(roots: &[Vec<u8>]) -> Result<ClientConfig, BuildError> {
    let mut store = RootCertStore::empty();
    for root in roots {
        let root = CertificateDer::from_slice(root).into_owned();
        store.add(root).map_err(|_| BuildError::NoTlsRoots)?;
    }
    if store.is_empty() {
        return Err(BuildError::NoTlsRoots);
    }
    Ok(builder()?.with_root_certificates(store).with_no_client_auth())
}

/// The provider is named, because rustls panics in a program that has two of them and chose none.
fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, BuildError> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| BuildError::NoTlsRoots)
}

#[cfg(feature = "platform-verifier")]
fn with_roots(builder: ConfigBuilder<ClientConfig, WantsVerifier>) -> Result<ClientConfig, BuildError> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let builder = builder.with_platform_verifier().map_err(|_| BuildError::NoTlsRoots)?;
    Ok(builder.with_no_client_auth())
}

#[cfg(all(feature = "webpki-roots", not(feature = "platform-verifier")))]
fn with_roots(builder: ConfigBuilder<ClientConfig, WantsVerifier>) -> Result<ClientConfig, BuildError> {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(not(any(feature = "webpki-roots", feature = "platform-verifier")))]
fn with_roots(_builder: ConfigBuilder<ClientConfig, WantsVerifier>) -> Result<ClientConfig, BuildError> {
    Err(BuildError::NoTlsRoots)
}
