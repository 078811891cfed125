"""Says now and then how many entries there are."""

import signal
import sys
import time

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    try:
        with open("/data/entries.txt", encoding="utf-8") as file:
            count = len(file.read().splitlines())
    except FileNotFoundError:
        count = 0
    print("counted", count, "entries", flush=True)
    time.sleep(5)
