"""Names the official client's version. Then a JSON line that is a list is the delivery to verify (header, body, secret),
and one that is a number asks how many nanoseconds so many verifications take."""
import importlib.metadata
import json
import sys
import time

from byourside import verify_webhook

print("byourside", importlib.metadata.version("byourside"), "on Python", sys.version.split()[0], flush=True)
for line in sys.stdin:
    given = json.loads(line)
    if isinstance(given, list):
        header, body, secret = given
        assert verify_webhook(header, body, secret)
        continue
    start = time.perf_counter_ns()
    for _ in range(given):
        verify_webhook(header, body, secret)
    print(time.perf_counter_ns() - start, flush=True)
