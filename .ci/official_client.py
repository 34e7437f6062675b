"""Runs the official Python client for `.ci/official-client`, and compares its answers with this client's.

    official_client.py run URL CASES ANSWERS        sends the cases over the client's own transport, and writes the answers
    official_client.py compare CASES OFFICIAL OURS  fails if the answers differ
"""

import collections
import json
import socket
import sys

ENDS = {"completed", "no_answer", "voicemail", "declined", "failed"}
# What both can get. `to_required` and `invalid_number` ours finds before it asks.
CODES = {"caller_id_not_owned", "destination_blocked", "network_error", "no_api_key", "not_found", "objective_required"}
CODES |= {"over_minute_cap", "placement_failed", "rate_limited", "store_error", "timeout", "unauthorized"}


def run(url, cases, answers):
    placed = {}
    with open(answers, "w") as out:
        for case in read(cases):
            answer = ask(url, case, placed)
            if brief(answer) != case["expect"]:
                sys.exit(f"{case['name']}: the official client got {answer}, not {case['expect']}")
            json.dump({"name": case["name"], "answer": answer}, out)
            out.write("\n")


def ask(url, case, placed):
    # Only here: comparing needs no client.
    from byourside import ByoursideError, Client

    try:
        client = Client(case.get("key", "bys_ak_official"), base_url=nobody() if case.get("nobody") else url)
        if case["do"] == "place":
            answer = client.place_call(**case["call"])
            placed[case["name"]] = answer["callId"]
        elif case["do"] == "list":
            answer = client.list_calls(limit=case["limit"])
        else:
            call_id = placed[case["of"]] if "of" in case else case["id"]
            if case["do"] == "get":
                answer = client.get_call(call_id)
            else:
                answer = client.wait_for_call(call_id, timeout=case.get("timeout", 60), interval=0.02)
        return {"ok": timeless(answer)}
    except ByoursideError as error:
        answer = {"error": error.code, "status": error.status}
        return answer | ({"message": str(error)} if error.status else {})
    except OSError as error:
        return {"exception": type(error).__name__}


def nobody():
    """An address at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return "http://127.0.0.1:%d" % listener.getsockname()[1]


def timeless(answer):
    """An answer without the moments in it, which differ from run to run: only whether they are there."""
    if isinstance(answer, list):
        return [timeless(record) for record in answer]
    moments = ("startedAt", "endedAt")
    return {name: value is not None if name in moments else value for name, value in answer.items()}


def brief(answer):
    """What a case says that it expects."""
    if "ok" in answer:
        return {"ok": len(answer["ok"]) if isinstance(answer["ok"], list) else answer["ok"]["status"]}
    return {name: value for name, value in answer.items() if name != "message"}


def compare(cases, official, ours):
    cases = read(cases)
    official, ours = (
        {answer["name"]: answer["answer"] for answer in map(json.loads, open(answers))} for answers in (official, ours)
    )
    names = [case["name"] for case in cases]
    if not (len(names) == len(set(names)) and set(names) == set(official) == set(ours)):
        sys.exit("not every case has one answer of each client")
    kinds, seen = collections.defaultdict(collections.Counter), set()
    for case in cases:
        theirs, our = official[case["name"]], ours[case["name"]]
        kind = kinds[case["do"]]
        kind["cases"] += 1
        if "ours" in case:
            kind["differ"] += brief(our) == case["ours"] != brief(theirs)
            print(f"known to differ: {case['name']}: {brief(theirs)}, ours {brief(our)}: {case['why']}")
        elif theirs == our:
            kind["same"] += 1
            seen.add(our["ok"]["status"] if case["do"] == "wait" and "ok" in our else our.get("error"))
        else:
            print(f"DIFFERENT: {case['name']}:\n  official {theirs}\n  ours     {our}")
    print(f"\n{'':8}{'cases':>8}{'same':>8}{'known to differ':>18}")
    for name, kind in [*kinds.items(), ("all", sum(kinds.values(), collections.Counter()))]:
        print(f"{name:8}{kind['cases']:8}{kind['same']:8}{kind['differ']:18}")
    print("the same ends: ", *sorted(seen & ENDS))
    print("the same codes:", *sorted(code for code in seen - ENDS if code))
    if missing := (ENDS | CODES) - seen:
        sys.exit(f"no case has the same answer for {', '.join(sorted(missing))}")
    if any(kind["same"] + kind["differ"] != kind["cases"] for kind in kinds.values()):
        sys.exit("the answers differ")


def read(cases):
    with open(cases) as file:
        return json.load(file)


if __name__ == "__main__":
    {"run": run, "compare": compare}[sys.argv[1]](*sys.argv[2:])
