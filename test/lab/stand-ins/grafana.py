"""As much of Grafana as a health check sees."""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        known = {"/api/health": json.dumps({"commit": "lab", "database": "ok", "version": "11.2.0"}), "/": "Grafana\n"}
        body = known.get(self.path, "not found\n").encode()
        self.send_response(200 if self.path in known else 404)
        self.send_header("Content-Type", "application/json" if self.path == "/api/health" else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("logger=http.server msg=\"HTTP Server Listen\" address=[::]:3000", flush=True)
ThreadingHTTPServer(("", 3000), Handler).serve_forever()
