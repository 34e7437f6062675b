//! Bytes that some services write.
use super::{
    Check,
    fixture::{
        Fixture, LATER, NUMBER, answers, clean, contains, entries, expect_at_each_target, get, json_in, list, only,
        post,
    },
};
use crate::{Fault, Target};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read;

pub(super) const CHECKS: &[Check] = &[
    (Fault::HalfEmoji, half_an_emoji_stands_in_a_text),
    (Fault::HalfEmojiName, half_an_emoji_stands_in_a_name),
    (Fault::ByteOrderMark, byte_order_mark_stands_in_front),
    (Fault::NotANumber, nan_stands_for_a_number),
    (Fault::Beyond64Bits, number_is_beyond_a_float),
    (Fault::LongNumber, numbers_have_more_digits_than_64_bits),
    (Fault::Deep, member_is_as_deep_as_the_parameter),
    (Fault::UnknownMember, unknown_member_is_added),
    (Fault::DoubledMember, status_and_list_stand_twice_and_the_last_counts),
    (Fault::RawBytes, text_is_cut_inside_a_letter),
    (Fault::NullEntry, null_stands_between_entries),
    (Fault::BrokenEntry, list_number_and_text_stand_where_an_entry_should_be),
    (Fault::Gzip, answer_is_compressed_unasked),
    (Fault::StatusOfWrongType, status_is_a_number),
];

#[test]
fn half_an_emoji_stands_in_a_text() {
    let text = br#""summary":"bye \ud83d""#;
    expect_at_each_target(Fault::HalfEmoji, 0, |body| contains(body, text));
}

#[test]
fn half_an_emoji_stands_in_a_name() {
    expect_at_each_target(Fault::HalfEmojiName, 0, |body| contains(body, br#""\ud83d":"#));
}

#[test]
fn byte_order_mark_stands_in_front() {
    expect_at_each_target(Fault::ByteOrderMark, 0, |body| {
        let rest = body.strip_prefix(b"\xef\xbb\xbf");
        rest.is_some_and(|rest| serde_json::from_slice::<Value>(rest).is_ok())
    });
}

#[test]
fn nan_stands_for_a_number() {
    expect_at_each_target(Fault::NotANumber, 0, |body| contains(body, br#""score":NaN"#));
}

#[test]
fn number_is_beyond_a_float() {
    expect_at_each_target(Fault::Beyond64Bits, 0, |body| contains(body, br#""ratio":1e400"#));
}

#[test]
fn numbers_have_more_digits_than_64_bits() {
    for part in ["12345678901234567890123", "0.1000000000000000055511151231257827"] {
        expect_at_each_target(Fault::LongNumber, 0, |body| contains(body, part.as_bytes()));
    }
}

#[test]
fn member_is_as_deep_as_the_parameter() {
    for (parameter, levels) in [(1, 1), (60, 60), (200, 200), (201, 2)] {
        let nested = format!(r#""nested":{}{}"#, "[".repeat(levels), "]".repeat(levels));
        expect_at_each_target(Fault::Deep, parameter, |body| {
            contains(body, nested.as_bytes()) && !contains(body, "[".repeat(levels + 2).as_bytes())
        });
    }
}

#[test]
fn unknown_member_is_added() {
    expect_at_each_target(Fault::UnknownMember, 0, |body| contains(body, br#""carrier":{"#));
}

#[test]
fn status_and_list_stand_twice_and_the_last_counts() {
    let (without, with) = (answers(&clean()), answers(&only(Fault::DoubledMember, 0)));
    let times = |text: &[u8], part: &str| String::from_utf8_lossy(text).matches(part).count();
    let record = with[&Target::Get].body();
    assert_eq!(times(without[&Target::Get].body(), r#""status":"#), 1);
    assert_eq!(times(record, r#""status":"#), 2);
    assert_eq!(
        json_in(&with[&Target::Get])["status"],
        "completed",
        "as most readers have it"
    );
    let list = with[&Target::List].body();
    assert_eq!(times(without[&Target::List].body(), r#""calls":"#), 1);
    assert_eq!((times(list, r#""calls":"#), times(list, r#""status":"#)), (2, 5));
    assert_eq!(
        entries(&with[&Target::List], "status"),
        entries(&without[&Target::List], "status")
    );
}

#[test]
fn text_is_cut_inside_a_letter() {
    expect_at_each_target(Fault::RawBytes, 0, |body| {
        contains(body, b"caf\xc3\"") && std::str::from_utf8(body).is_err()
    });
}

#[test]
fn objective_keeps_its_bytes_without_the_fault() {
    let mut fixture = Fixture::with_calls(0);
    fixture.place(1000, &post(NUMBER, "Ask for me@@example.com."), &clean());
    let objective = json!("Ask for me@@example.com.");
    assert_eq!(json_in(&fixture.record(0, &clean()))["objective"], objective);
    let event: Value = serde_json::from_slice(&fixture.last_event(&clean())).unwrap();
    assert_eq!(event["objective"], objective);
}

#[test]
fn null_stands_between_entries() {
    let (without, with) = (answers(&clean()), answers(&only(Fault::NullEntry, 0)));
    let mut expected = entries(&without[&Target::List], "callId");
    expected.insert(1, Value::Null);
    assert_eq!(entries(&with[&Target::List], "callId"), expected);
    assert_eq!(json_in(&with[&Target::List])["calls"][1], Value::Null);
}

#[test]
fn list_number_and_text_stand_where_an_entry_should_be() {
    let (without, with) = (answers(&clean()), answers(&only(Fault::BrokenEntry, 0)));
    let whole = json_in(&without[&Target::List])["calls"].as_array().unwrap().clone();
    let listed = json_in(&with[&Target::List])["calls"].as_array().unwrap().clone();
    assert_eq!(listed[1..5], whole);
    assert_eq!(
        [&listed[0], &listed[5], &listed[6]],
        [&json!([7]), &json!(7), &json!("gone")]
    );
    assert_eq!(listed.len(), 7);
}

#[test]
fn answer_is_compressed_unasked() {
    let (without, with) = (answers(&clean()), answers(&only(Fault::Gzip, 0)));
    for target in Fault::Gzip.targets() {
        assert!(!without[target].headers().contains_key("content-encoding"));
        assert_eq!(with[target].headers()["content-encoding"], "gzip");
        let mut read = String::new();
        GzDecoder::new(&with[target].body()[..])
            .read_to_string(&mut read)
            .unwrap();
        let read: Value = serde_json::from_str(&read).unwrap();
        assert_eq!(read, json_in(&without[target]));
    }
}

#[test]
fn status_is_a_number() {
    let with = answers(&only(Fault::StatusOfWrongType, 0));
    assert_eq!(json_in(&with[&Target::Get])["status"], 7);
    let completed = json!("completed");
    let others = [json!(7), completed.clone(), completed.clone(), completed];
    assert_eq!(entries(&with[&Target::List], "status"), others);
    assert_eq!(json_in(&answers(&clean())[&Target::Get])["status"], "completed");
}

#[test]
fn refusals_keep_their_bytes() {
    let mut fixture = Fixture::with_calls(1);
    for fault in Fault::ALL
        .iter()
        .filter(|fault| fault.group() == crate::FaultGroup::Bytes)
    {
        let unknown = get("f47ac10b-58cc-4372-a567-0e02b2c3d479");
        let refused = fixture.ask(LATER, &unknown, &only(*fault, 1));
        assert_eq!(
            (refused.status().as_u16(), refused.body().as_slice()),
            (404, &br#"{"error":"not_found"}"#[..])
        );
    }
    assert_eq!(fixture.ask(LATER, &list(), &clean()).status(), 200);
}
