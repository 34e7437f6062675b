//! Delivers webhook events to their receivers.
use crate::server::Server;
use byourside_proto::{
    UnixTime,
    webhook::{SIGNATURE_HEADER, Signer},
};
use byourside_sim::{DeliveryOutcome, DeliveryTicket};
use http::{HeaderValue, Request, Uri, header, uri::Scheme};
use http_body_util::Full;
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{net::TcpStream, sync::Semaphore, time::timeout};

/// How many deliveries are in flight at a time.
const MAX_DELIVERIES: usize = 64;
/// The attempt timeout of a delivery, in real time, whatever the speed.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest sleep while there is nothing to deliver. A request ends it early.
const IDLE: Duration = Duration::from_secs(3600);

/// Delivers what is due, and sleeps until the next delivery is due.
pub(crate) async fn run(server: Server) {
    let room = Arc::new(Semaphore::new(MAX_DELIVERIES));
    // The semaphore is never closed.
    while let Ok(place) = room.clone().acquire_owned().await {
        match server.due() {
            Ok((request, ticket)) => {
                let server = server.clone();
                tokio::spawn(async move {
                    deliver(request, ticket, &server).await;
                    drop(place);
                });
            }
            Err(pause) => {
                let _ = timeout(pause.unwrap_or(IDLE), server.changed()).await;
            }
        }
    }
}

async fn deliver(request: Request<Vec<u8>>, ticket: DeliveryTicket, server: &Server) {
    let outcome = match timeout(TIMEOUT, post(request)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) | Err(_) => DeliveryOutcome::NoAnswer,
    };
    server.delivered(ticket, outcome);
}

/// Sends a delivery once, to a loopback host only. A redirect is not followed.
async fn post(mut request: Request<Vec<u8>>) -> Result<DeliveryOutcome, Box<dyn Error + Send + Sync>> {
    let uri = request.uri().clone();
    let stream = TcpStream::connect(loopback(&uri).ok_or("only http to a loopback host is delivered")?).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    request
        .headers_mut()
        .insert(header::HOST, HeaderValue::from_str(authority)?);
    *request.uri_mut() = uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    let response = sender
        .send_request(request.map(|body| Full::new(Bytes::from(body))))
        .await;
    // Only the status counts.
    connection.abort();
    Ok(DeliveryOutcome::Answered(response?.status()))
}

fn loopback(uri: &Uri) -> Option<(IpAddr, u16)> {
    let host = uri.host().filter(|_| uri.scheme() == Some(&Scheme::HTTP))?;
    let ip = if host.eq_ignore_ascii_case("localhost") {
        Ipv4Addr::LOCALHOST.into()
    } else {
        host.trim_matches(['[', ']']).parse::<IpAddr>().ok()?
    };
    ip.is_loopback().then_some((ip, uri.port_u16().unwrap_or(80)))
}

/// Signs a delivery with the real clock's time, which is the receiver's, and keeps its skew against the service's
/// clock.
pub(crate) fn sign_for_real(request: &mut Request<Vec<u8>>, signer: &Signer, service_time: UnixTime) {
    let signed_at = request
        .headers()
        .get(SIGNATURE_HEADER)
        .and_then(|value| {
            value
                .to_str()
                .ok()?
                .strip_prefix("t=")?
                .split_once(',')?
                .0
                .parse::<i64>()
                .ok()
        })
        .unwrap_or(service_time.seconds());
    let skew = signed_at.saturating_sub(service_time.seconds());
    let signature = signer.sign(
        UnixTime::new(real_time().seconds().saturating_add(skew)),
        request.body(),
    );
    if let Ok(signature) = HeaderValue::from_str(&signature) {
        request.headers_mut().insert(SIGNATURE_HEADER, signature);
    }
}

pub(crate) fn real_time() -> UnixTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::new(now.as_secs().try_into().unwrap_or(i64::MAX))
}
