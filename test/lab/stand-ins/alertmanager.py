"""Alertmanager, with the alerts that Prometheus would send it: rules over the engine's metrics page."""

import datetime
import hashlib
import json
import os
import re
import signal
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SPEED = float(os.environ.get("LAB_SPEED", "1"))
PREFIX = "abstractfinance_"
# Name, severity, seconds that it must hold, summary, and the rule; a rule over a series that is absent does not fire.
RULES = (
    ("IBGatewayDisconnected", "critical", 120, "IB Gateway is disconnected", lambda m: m["ib_connection_state"] == 0),
    ("IBGatewayNoHeartbeat", "critical", 60, "No heartbeat from IB Gateway",
     lambda m: time.time() - m["ib_last_heartbeat_timestamp"] > 300),
    ("SchedulerRunFailed", "critical", 300, "The scheduler's last run failed", lambda m: m["scheduler_last_run_success"] == 0),
    ("SchedulerNoRecentRun", "warning", 300, "No run within 25 hours",
     lambda m: time.time() - m["scheduler_last_run_timestamp"] > 90_000),
)
firing = {}


def stamp(seconds=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def metrics():
    with urllib.request.urlopen("http://trading-engine:8000/metrics", timeout=2) as page:
        found = re.findall(rf"^{PREFIX}(\w+) (\S+)$", page.read().decode(), re.MULTILINE)
    return {name: float(value) for name, value in found}


def holds(rule, page):
    try:
        return rule(page)
    except KeyError:
        return False


def watch():
    since = {}
    while True:
        try:
            page = metrics()
        except OSError:
            page = {}
        for name, _, seconds, _, rule in RULES:
            if not holds(rule, page):
                since.pop(name, None)
                firing.pop(name, None)
                continue
            since.setdefault(name, time.monotonic())
            if name not in firing and time.monotonic() - since[name] >= seconds / SPEED:
                firing[name] = stamp()
        time.sleep(max(15 / SPEED, 2))


def alert(name, severity, summary, since):
    return {
        "annotations": {"summary": summary},
        "endsAt": stamp(240),
        "fingerprint": hashlib.sha256(name.encode()).hexdigest()[:16],
        "receivers": [{"name": "telegram"}],
        "startsAt": since,
        "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": stamp(),
        "generatorURL": f"http://prometheus:9090/graph?g0.expr={name}",
        "labels": {"alertname": name, "severity": severity, "job": "trading-engine", "instance": "trading-engine:8000"},
    }


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0]
        status = 200
        if path == "/api/v2/alerts":
            body = [alert(name, severity, summary, firing[name]) for name, severity, _, summary, _ in RULES if name in firing]
        elif path == "/api/v2/status":
            body = {"cluster": {"status": "disabled", "peers": []}, "versionInfo": {"version": "0.27.0"}, "uptime": started}
        elif path in ("/-/healthy", "/-/ready"):
            body = "OK"
        else:
            status, body = 404, "path " + path + " was not found"
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
started = stamp()
threading.Thread(target=watch, daemon=True).start()
print(f'ts={started} caller=tls_config.go:313 level=info msg="Listening on" address=[::]:9093', flush=True)
ThreadingHTTPServer(("", 9093), Handler).serve_forever()
