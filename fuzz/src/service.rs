//! Properties of the simulated service.
use arbitrary::{Arbitrary, Unstructured};
use byourside_proto::Monotonic;
use byourside_sim::{Answer, Service};
use core::time::Duration;
use http::{HeaderValue, Method, Request, Uri};

/// The most requests from one input.
const MAX_REQUESTS: usize = 50;

#[derive(Arbitrary, Debug)]
struct Ask<'a> {
    /// Milliseconds since the previous request.
    after: u16,
    method: u8,
    path: Path<'a>,
    key: Option<&'a [u8]>,
    body: Body<'a>,
}

#[derive(Arbitrary, Debug)]
enum Path<'a> {
    Calls,
    List(&'a str),
    /// A GET of one of the calls that were placed.
    Placed(u8),
    Any(&'a str),
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    /// A POST to one of the numbers that pick an outcome.
    Call(u8),
    Bytes(&'a [u8]),
}

/// Any requests at any times are answered, answers are bounded, and placed calls can be read.
pub(crate) fn service_request(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let mut service = Service::new(7);
    let mut now = Monotonic::ORIGIN;
    let mut placed: Vec<String> = Vec::new();
    for _ in 0..MAX_REQUESTS {
        let Ok(ask) = Ask::arbitrary(&mut input) else { break };
        now = now.after(Duration::from_millis(ask.after.into()));
        let Some(request) = ask.request(&placed) else { continue };
        let Answer::Response(response) = service.handle(now, &request) else {
            continue;
        };
        assert!(response.status().as_u16() >= 200);
        assert!(response.body().len() <= 8 * 1024 * 1024);
        let json: serde_json::Value = match serde_json::from_slice(response.body()) {
            Ok(json) => json,
            Err(error) => panic!("the answer is no JSON: {error}"),
        };
        if request.method() == Method::POST && response.status().is_success() {
            match json["callId"].as_str() {
                Some(id) => placed.push(id.into()),
                None => panic!("placed without an id"),
            }
        }
    }
    assert!(service.calls().count() >= placed.len().min(1));
}

impl Ask<'_> {
    fn request(&self, placed: &[String]) -> Option<Request<Vec<u8>>> {
        let base = "/v1/agent/calls";
        let uri = match &self.path {
            Path::Calls => base.into(),
            Path::List(query) => format!("{base}?{query}"),
            Path::Placed(which) => match placed.get(usize::from(*which) % placed.len().max(1)) {
                Some(id) => format!("{base}/{id}"),
                None => base.into(),
            },
            Path::Any(path) => (*path).into(),
        };
        let uri: Uri = uri.parse().ok()?;
        let methods = [Method::GET, Method::POST, Method::DELETE, Method::HEAD];
        let key = match self.key {
            Some(key) => HeaderValue::from_bytes(key).ok()?,
            None => HeaderValue::from_static("Bearer bys_ak_fuzz"),
        };
        let body = match &self.body {
            Body::Call(last) => format!(r#"{{"to":"+141555501{:02}","objective":"Ask."}}"#, last % 100).into_bytes(),
            Body::Bytes(bytes) => bytes.to_vec(),
        };
        let request = Request::builder().uri(uri).header("authorization", key);
        request
            .method(methods[usize::from(self.method) % methods.len()].clone())
            .body(body)
            .ok()
    }
}
