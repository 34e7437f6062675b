"""Names the official client's version, then answers `true` or `false` for each JSON line of header, body, secret, now
and tolerance, as that client does."""
import importlib.metadata
import json
import sys
import time

from byourside import verify_webhook

print("byourside", importlib.metadata.version("byourside"), "on Python", sys.version.split()[0], flush=True)
for line in sys.stdin:
    case = json.loads(line)
    time.time = lambda: case["now"]
    accepted = verify_webhook(case["header"], case["body"], case["secret"], case["tolerance"])
    print(json.dumps(accepted), flush=True)
