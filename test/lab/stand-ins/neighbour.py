"""Prometheus, Grafana, Loki and Promtail, as much of them as a health check sees: `neighbour.py NAME`."""

import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NEIGHBOURS = {
    "prometheus": (9090, 'level=info component=web msg="Start listening for connections" address=0.0.0.0:9090', {
        "/-/healthy": "Prometheus Server is Healthy.\n", "/-/ready": "Prometheus Server is Ready.\n",
    }),
    "grafana": (3000, 'logger=http.server level=info msg="HTTP Server Listen" address=[::]:3000 protocol=http', {
        "/api/health": json.dumps({"commit": "lab", "database": "ok", "version": "11.3.0"}), "/": "Grafana\n",
    }),
    "loki": (3100, 'level=info msg="Loki started"', {"/ready": "ready\n"}),
    "promtail": (None, 'level=info msg="Starting Promtail" version="(version=3.2.0)"', {}),
}
port, said, pages = NEIGHBOURS[sys.argv[1]]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        page = pages.get(self.path.split("?")[0])
        body = (page or "404 page not found\n").encode()
        self.send_response(404 if page is None else 200)
        self.send_header("Content-Type", "application/json" if body.startswith(b"{") else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(said, flush=True)
if port is None:
    threading.Event().wait()
ThreadingHTTPServer(("", port), Handler).serve_forever()
