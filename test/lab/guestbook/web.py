"""A guestbook: POST / adds an entry, GET / shows them, /healthz and /metrics say how it does."""

import json
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENTRIES = "/data/entries.txt"
VERSION = open("VERSION", encoding="utf-8").read().strip()
started = time.monotonic()


def entries():
    try:
        with open(ENTRIES, encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/healthz":
            self.say(json.dumps({"status": "ok", "version": VERSION, "entries": len(entries())}))
        elif self.path == "/metrics":
            uptime = time.monotonic() - started
            self.say(f"guestbook_entries {len(entries())}\nguestbook_uptime_seconds {uptime:.3f}")
        else:
            self.say("\n".join(entries()))

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
        with open(ENTRIES, "a", encoding="utf-8") as file:
            file.write(" ".join(text.split()) + "\n")
        self.say("thank you")

    def say(self, text):
        body = f"{text}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("guestbook", VERSION, "is open", flush=True)
ThreadingHTTPServer(("", 8090), Handler).serve_forever()
