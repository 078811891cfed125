"""A gateway to a broker: logs in, then takes orders on port 4000, one line each.

HELLO id, PING, ORDER symbol side quantity price, OPEN, CANCEL_ALL. Answers `OK …` or `ERR …`.
`/tmp/lost` makes it lose its login until it is restarted; `never` in its volume keeps it from logging in at all.
"""

import json
import os
import signal
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOME = "/var/lib/ibgateway"
LOST = "/tmp/lost"
state = {"login": "authenticating", "next": 100501, "open": []}
lock = threading.Lock()
clients = set()


def say(text):
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)


def load():
    try:
        with open(f"{HOME}/orders.json", encoding="utf-8") as file:
            state.update(json.load(file))
    except (OSError, ValueError):
        pass


def save():
    with open(f"{HOME}/orders.new", "w", encoding="utf-8") as file:
        json.dump({"next": state["next"], "open": state["open"]}, file)
    os.replace(f"{HOME}/orders.new", f"{HOME}/orders.json")


def answer(words):
    with lock:
        if words[0] in ("HELLO", "PING"):
            return "OK"
        if words[0] == "OPEN":
            return f"OK {len(state['open'])}"
        if words[0] == "CANCEL_ALL":
            count = len(state["open"])
            state["open"] = []
            save()
            say(f"Cancelled {count} orders")
            return f"OK {count}"
        if words[0] == "ORDER" and len(words) == 5:
            number = state["next"]
            state["next"] += 1
            # The oldest are filled, so that the list stays short.
            state["open"] = [*state["open"], number][-6:]
            save()
            return f"OK {number}"
    return "ERR unknown request"


class Client(socketserver.StreamRequestHandler):
    def handle(self):
        clients.add(self.connection)
        try:
            for line in self.rfile:
                words = line.decode("utf-8", "replace").split()
                self.wfile.write(((answer(words) if words else "ERR empty request") + "\n").encode())
        except OSError:
            pass
        finally:
            clients.discard(self.connection)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Screen(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"<title>noVNC</title><pre>IB Gateway: {state['login']}</pre>\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def log_in():
    say("IBC: Starting IB Gateway 10.30")
    say("IBC: Login dialog shown; entering credentials")
    time.sleep(float(os.environ.get("LAB_LOGIN_SECONDS", "4")) / 2)
    say("IBC: Second factor: entering the TOTP code")
    if os.path.exists(f"{HOME}/never"):
        while True:
            time.sleep(3)
            state["login"] = "waiting for the second factor"
            say("IBC: Second factor was not accepted; trying again")
    time.sleep(float(os.environ.get("LAB_LOGIN_SECONDS", "4")) / 2)
    say("IBC: Login has completed")
    state["login"] = "connected"


def main():
    load()
    if os.path.exists(LOST):
        os.remove(LOST)
    threading.Thread(target=ThreadingHTTPServer(("", 6080), Screen).serve_forever, daemon=True).start()
    log_in()
    server = Server(("", 4000), Client)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    say("IB Gateway is now connected; API on port 4000")
    while not os.path.exists(LOST):
        time.sleep(0.1)
    state["login"] = "connection lost"
    say("Connection to the broker was lost; API closed")
    server.shutdown()
    server.server_close()
    for connection in list(clients):
        try:
            connection.shutdown(2)
        except OSError:
            pass
    while True:
        time.sleep(60)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
main()
