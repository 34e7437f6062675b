//! Deliveries that the official client accepts or refuses. Ours may differ only by a rule.
use super::{cases, text};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use std::collections::BTreeMap;

mod rules;
use rules::{Input, RULES, Rule};

#[test]
fn verifier_differs_from_the_official_client_only_by_a_rule() {
    let mut used: BTreeMap<&str, usize> = RULES.iter().map(|rule| (rule.when, 0)).collect();
    for case in cases("webhook_verify.json") {
        let name = text(&case, "name").unwrap();
        let input = input(&case);
        let (official, ours) = (case["accepted"].as_bool().unwrap(), input.accepted());
        let rule = Rule::of(&input);
        if let Some(rule) = rule {
            assert!((rule.holds)(&input), "{name}: {}; ours: {}", rule.when, rule.ours);
        }
        if ours != official {
            let rule = rule.unwrap_or_else(|| panic!("{name}: the official client says {official}, ours {ours}"));
            *used.get_mut(rule.when).unwrap() += 1;
        }
        if ours && !official {
            assert!(
                input.values("v1").len() > 1,
                "{name}: accepted without a valid signature"
            );
        }
    }
    // Another folder may have no case for a rule.
    let own = std::env::var_os("BYOURSIDE_VECTORS").is_none();
    for (rule, count) in used {
        println!("webhook_verify.json: {count} differ by the rule: {rule}");
        assert!(count > 0 || !own, "no case uses the rule: {rule}");
    }
}

fn input(case: &Value) -> Input {
    Input {
        header: text(case, "header").unwrap().into(),
        body: BASE64_STANDARD.decode(text(case, "body_base64").unwrap()).unwrap(),
        secret: text(case, "secret").unwrap().into(),
        now: case["now"].as_i64().unwrap(),
        tolerance: case["tolerance"].as_u64().unwrap(),
    }
}
