"""Answers `true` or `false` for each JSON line of header, body, secret, now and tolerance, as the official client does."""
import json
import sys
import time

from byourside import verify_webhook

for line in sys.stdin:
    case = json.loads(line)
    time.time = lambda: case["now"]
    accepted = verify_webhook(case["header"], case["body"], case["secret"], case["tolerance"])
    print(json.dumps(accepted), flush=True)
