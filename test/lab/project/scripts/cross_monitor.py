"""Watches the other server's /health; restarts its containers over SSH after three failures."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timezone

URL = os.environ.get("MONITOR_TARGET_URL")
HOST = os.environ.get("MONITOR_TARGET_HOST")
NAME = os.environ.get("MONITOR_TARGET_NAME", "remote-server")
INTERVAL = int(os.environ.get("MONITOR_INTERVAL", "60"))
FAILURES = int(os.environ.get("FAILURES_BEFORE_RESTART", "3"))
SPEED = float(os.environ.get("LAB_SPEED", "1"))
# The lab has no other server: what this one is told of it.
OTHER = os.environ.get("LAB_OTHER_SERVER", "well")


def ask():
    """None when the other server is well, otherwise what is wrong."""
    if OTHER == "well":
        return None
    try:
        with urllib.request.urlopen(URL, timeout=10) as answer:
            return None if answer.status == 200 else f"HTTP {answer.status}"
    except OSError as error:
        return f"Connection failed: {error}"


def restart():
    command = "cd /srv/abstractfinance && docker compose restart trading-engine ibgateway"
    print(f"[RESTART] Restarting containers on {HOST}...")
    subprocess.run(["ssh", "-o", "ConnectTimeout=30", f"root@{HOST}", command], check=False)


def main():
    print("Cross-monitor with graduated auto-remediation started")
    print(f"  Target: {NAME}")
    print(f"  Health URL: {URL}")
    print(f"  Check interval: {INTERVAL}s")
    print(f"  Failures before container restart: {FAILURES}")
    failures = 0
    while True:
        wrong = ask()
        failures = failures + 1 if wrong else 0
        said = f"FAIL #{failures} ({wrong})" if wrong else "OK (12ms)"
        print(f"[{datetime.now(timezone.utc).isoformat()}] {said}")
        if failures >= FAILURES:
            restart()
            failures = 0
        time.sleep(INTERVAL if OTHER != "well" else max(INTERVAL / SPEED, 5))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main()
