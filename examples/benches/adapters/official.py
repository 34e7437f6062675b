import concurrent.futures
import importlib.metadata
import resource
import sys
import threading
import time

import byourside

client = byourside.Client("bys_ak_bench", base_url=sys.argv[1])
pool = concurrent.futures.ThreadPoolExecutor(64)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def some(count):
    for _ in range(count):
        client.get_call("c1")


def round_of(at_once, requests):
    began = cpu()
    if at_once == 1:
        some(requests)
    else:
        list(pool.map(some, [requests // at_once] * at_once))
    return cpu() - began


def memory(waits):
    began = resident()
    for _ in range(waits):
        wait = threading.Thread(target=client.wait_for_call, args=("c1", 7200, 3600), daemon=True)
        wait.start()
    time.sleep(2)
    return (resident() - began) // waits


print("byourside", importlib.metadata.version("byourside"), "on Python", sys.version.split()[0], flush=True)
for line in sys.stdin:
    what, *numbers = line.split()
    answer = {"round": round_of, "memory": memory}[what](*map(int, numbers))
    print(answer, flush=True)
