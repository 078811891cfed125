"""The health pages on port 8080. /health says that the process serves, and nothing of the gateway."""

import json
import os
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from .metrics import QuietServer

STATE_FILE = Path("state/portfolio_state.json")
SERVICE = "abstractfinance-trading-engine"


class HealthServer:
    def __init__(self):
        self.started = time.time()
        self.ib_connected = False
        self.last_daily_run = None
        self.hangs = False

    def start(self, port):
        server = QuietServer(("0.0.0.0", port), handler(self))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"Health check server started on http://0.0.0.0:{port}")

    def common(self):
        return {
            "service": SERVICE,
            "timestamp": datetime.now(timezone.utc).replace(tzinfo=None).isoformat(),
            "uptime_seconds": time.time() - self.started,
        }

    def page(self, path):
        """Status and body of a path, or None."""
        if path in ("/", "/health"):
            return 200, {"status": "healthy", **self.common()}
        word = "healthy" if self.ib_connected else "disconnected"
        if path == "/health/ib":
            body = {"ib_connected": self.ib_connected, "status": word, "timestamp": self.common()["timestamp"]}
            return (200 if self.ib_connected else 503), body
        if path != "/health/detailed":
            return None
        exists = STATE_FILE.exists()
        return (200 if self.ib_connected else 503), {
            "status": "healthy" if self.ib_connected else "degraded",
            **self.common(),
            "environment": os.environ.get("ENVIRONMENT", "unknown"),
            "mode": os.environ.get("MODE", "unknown"),
            "components": {
                "ib_gateway": {"connected": self.ib_connected, "status": word},
                "portfolio_state": {
                    "exists": exists,
                    "age_seconds": time.time() - STATE_FILE.stat().st_mtime if exists else None,
                    "status": "healthy" if exists else "missing",
                },
            },
            "last_daily_run": self.last_daily_run,
        }


health = HealthServer()


def handler(state):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            while state.hangs:
                time.sleep(0.1)
            found = state.page(self.path)
            if found is None:
                self.send_error(404, "Not Found")
                return
            status, body = found
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    return Handler
