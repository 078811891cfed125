"""/health on port 8080 and /metrics on port 8000."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A reader that went away is its own affair."""


def serve(state):
    for port, page in ((8080, health), (8000, metrics)):
        server = Server(("", port), handler(state, page))
        threading.Thread(target=server.serve_forever, daemon=True).start()


def handler(state, page):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            while state.hangs:
                time.sleep(0.1)
            status, kind, body = page(state, self.path)
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    return Handler


def health(state, path):
    if path.split("?")[0] != "/health":
        return 404, "application/json", '{"detail":"Not Found"}'
    reasons = []
    if state.gateway != "connected":
        reasons.append(f"gateway: {state.gateway}")
    if state.database != "ok":
        reasons.append(f"database: {state.database}")
    body = {
        "status": "unhealthy" if reasons else "healthy",
        "gateway": state.gateway,
        "database": state.database,
        "version": state.version,
        "uptime_seconds": round(time.time() - state.started, 1),
    }
    if reasons:
        body["reasons"] = reasons
    return (503 if reasons else 200), "application/json", json.dumps(body) + "\n"


def metrics(state, path):
    if path.split("?")[0] != "/metrics":
        return 404, "text/plain", "not found\n"
    lines = []

    def series(name, kind, text, samples):
        lines.append(f"# HELP abstractfinance_{name} {text}")
        lines.append(f"# TYPE abstractfinance_{name} {kind}")
        lines.extend(f"abstractfinance_{name}{suffix} {value}" for suffix, value in samples)

    plain = lambda value: [("", value)]
    series("heartbeat_timestamp_seconds", "gauge", "Time of the last loop.", plain(f"{state.heartbeat:.3f}"))
    series("loops_total", "counter", "Loops of the engine.", plain(state.loops))
    series("orders_total", "counter", "Orders placed.", plain(state.orders))
    series("errors_total", "counter", "Errors logged.", plain(state.errors))
    series("nav", "gauge", "Net asset value in EUR.", plain(f"{state.nav:.2f}"))
    series("positions", "gauge", "Instruments held.", plain(len(state.positions)))
    series(
        "position_quantity",
        "gauge",
        "Contracts held.",
        [(f'{{symbol="{symbol}"}}', quantity) for symbol, quantity in state.positions.items()],
    )
    series("gateway_connected", "gauge", "1 while connected to IB Gateway.", plain(int(state.gateway == "connected")))
    series("build_info", "gauge", "The running version.", [(f'{{version="{state.version}"}}', 1)])
    series(
        "loop_duration_seconds",
        "histogram",
        "Time that a loop took.",
        [(f'_bucket{{le="{le}"}}', count) for le, count in state.histogram.items()]
        + [("_sum", f"{state.loop_seconds:.6f}"), ("_count", state.loops)],
    )
    return 200, "text/plain; version=0.0.4; charset=utf-8", "\n".join(lines) + "\n"
