//! `GET /v1/agent/calls/{callId}`: get the record of a call. Source: the vendor's quickstart.
use super::{answer, error::ApiError, operation::Operation, request::Api};
use crate::types::{Call, CallId};
use alloc::vec::Vec;
use http::{HeaderMap, Request, StatusCode};
use serde::{Deserialize, Serialize};

/// A request for the record of one call: `GET /v1/agent/calls/{callId}`.
///
/// Before the end of the call, the results are null or absent; [`CallWaiter`](crate::machine::wait::CallWaiter) asks
/// again until the status is terminal. An id that the account has no call for is refused with 404 `not_found`. Source:
/// the vendor's quickstart and SDK page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetCall(
    /// The id of the call.
    pub CallId,
);

impl Operation for GetCall {
    type Answer = Call;

    fn request(&self, api: &Api) -> Request<Vec<u8>> {
        let mut path = api.calls_path();
        path.push('/');
        path.extend(self.0.segment());
        api.get(path)
    }

    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Call, ApiError> {
        answer::read(status, headers, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::golden, types::Status};
    use serde_json::{Value, json};

    const GOLDEN_REQUEST: &str = concat!(
        "GET https://api.byourside.ai/v1/agent/calls/c1\n",
        "authorization: Bearer bys_ak_example\n",
        "\n",
    );

    /// The record of a finished call. `mood` stands for any member that this library does not know.
    const GOLDEN_ANSWER: &str = r#"{
        "id": "c1",
        "status": "completed",
        "to": "+14155550123",
        "objective": "Confirm the appointment on Friday at ten.",
        "summary": "The appointment is confirmed.",
        "extracted": {"confirmed": true, "new_time": null},
        "transcript": "Agent: Good morning. Recipient: Friday at ten is fine.",
        "recordingUrl": "https://recordings.example/c1.mp3",
        "callerId": "+14155550100",
        "language": "en-US",
        "languageSource": "explicit",
        "mood": "cheerful"
    }"#;

    #[test]
    fn get_call_request_is_golden() {
        let api = Api::with_key("bys_ak_example").unwrap();
        let request = GetCall(CallId::new("c1").unwrap()).request(&api);
        assert_eq!(golden::text(&request), GOLDEN_REQUEST);
    }

    #[test]
    fn get_call_answer_is_golden() {
        let get = GetCall(CallId::new("c1").unwrap());
        let call = get
            .parse(StatusCode::OK, &HeaderMap::new(), GOLDEN_ANSWER.as_bytes())
            .unwrap();
        assert_eq!((call.id(), call.call_id()), (Some("c1"), Some(get.0)));
        assert_eq!(call.status(), Some(Status::Completed));
        assert_eq!(call.to(), Some("+14155550123"));
        assert_eq!(call.objective(), Some("Confirm the appointment on Friday at ten."));
        assert_eq!(call.summary(), Some("The appointment is confirmed."));
        assert_eq!(
            call.extracted_as().unwrap(),
            Some(json!({"confirmed": true, "new_time": null}))
        );
        assert_eq!(
            call.transcript(),
            Some("Agent: Good morning. Recipient: Friday at ten is fine.")
        );
        assert_eq!(call.recording_url(), Some("https://recordings.example/c1.mp3"));
        assert_eq!(call.caller_id(), Some("+14155550100"));
        assert_eq!(
            (call.language(), call.language_source()),
            (Some("en-US"), Some("explicit"))
        );
        assert_eq!(
            serde_json::to_value(&call).unwrap(),
            serde_json::from_str::<Value>(GOLDEN_ANSWER).unwrap()
        );
    }

    #[test]
    fn get_call_encodes_the_id_as_one_path_segment() {
        let api = Api::with_key("bys_ak_example").unwrap();
        let request = GetCall(CallId::new("a/../b?c=ü~").unwrap()).request(&api);
        assert_eq!(request.uri().path(), "/v1/agent/calls/a%2F..%2Fb%3Fc%3D%C3%BC~");
    }
}
