"""As much of Alertmanager as its readers see: alerts made from the engine's own health page."""

import datetime
import hashlib
import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RULES = {
    "TradingEngineDown": ("critical", "Trading engine is not healthy", "The health page of trading-engine says: {why}"),
    "GatewayDisconnected": ("critical", "IB Gateway is not connected", "The engine has no connection to IB Gateway: {why}"),
}
firing = {}


def stamp(seconds=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def look():
    """What is wrong now: alert name -> why."""
    try:
        with urllib.request.urlopen("http://trading-engine:8080/health", timeout=2):
            return {}
    except urllib.error.HTTPError as error:
        try:
            reasons = json.load(error).get("reasons", [])
        except ValueError:
            reasons = []
        wrong = {"TradingEngineDown": ", ".join(reasons) or f"HTTP {error.code}"}
        gateway = [reason for reason in reasons if reason.startswith("gateway")]
        if gateway:
            wrong["GatewayDisconnected"] = gateway[0]
        return wrong
    except OSError as error:
        return {"TradingEngineDown": str(getattr(error, "reason", error))}


def watch():
    missed = 0
    while True:
        wrong = look()
        missed = missed + 1 if wrong else 0
        # A rule fires when it has held for two looks, as `for:` does.
        current = wrong if missed >= 2 else {}
        for name in set(firing) - set(current):
            del firing[name]
        for name, why in current.items():
            firing[name] = {"why": why, "since": firing.get(name, {}).get("since", stamp())}
        time.sleep(1)


def alert(name, why, since):
    severity, summary, description = RULES[name]
    labels = {"alertname": name, "severity": severity, "job": "trading-engine", "instance": "trading-engine:8000"}
    return {
        "annotations": {"summary": summary, "description": description.format(why=why)},
        "endsAt": stamp(240),
        "fingerprint": hashlib.sha256(name.encode()).hexdigest()[:16],
        "receivers": [{"name": "telegram"}],
        "startsAt": since,
        "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": stamp(),
        "generatorURL": f"http://prometheus:9090/graph?g0.expr={name}",
        "labels": labels,
    }


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0]
        status = 200
        if path == "/api/v2/alerts":
            body = [alert(name, item["why"], item["since"]) for name, item in sorted(firing.items())]
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
