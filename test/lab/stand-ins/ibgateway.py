"""heshiming/ibga's container, as it is seen from outside: its log, its ports, and an API on port 4000.

Port 4000 takes connections from the first moment, as socat does in ibga; the handshake is answered only while the login
is through. What the broker knows (the right password, whether the second factor is accepted, the account's orders) is in
/broker, outside the deployment. `/tmp/lost` makes the login get lost until the container is restarted.
"""

import os
import signal
import socketserver
import sys
import threading
import time

import broker
from api import Api, Session

HOME = "/home/ibgateway"
LOST = "/tmp/lost"
PAPER = "This is not a brokerage account. This is a paper trading account."


def say(text, colour=None):
    """A line of the log; with a colour as tput's setaf and sgr0 write it."""
    plain = colour is None or not broker.settings().get("colour", True)
    print(text if plain else f"\x1b[3{colour}m{text}\x1b(B\x1b[m", flush=True)


def step(text):
    say(f"• {text}", 2)


def now():
    return time.strftime("%a %b %e %H:%M:%S UTC %Y", time.gmtime())


class Fatal(Exception):
    """The login is refused for good."""


def log_in(seconds):
    """Writes what ibga writes and takes as long as the login does; raises Fatal when it is refused."""
    rules = broker.settings()
    say(f" IB Gateway Startup / {now()}")
    step("starting IB Gateway ...")
    time.sleep(seconds * 0.2)
    step("filling in login form ...")
    time.sleep(seconds * 0.1)
    step("logging in ...")
    step("entered maintenance cycle")
    if rules.get("login") == "never":
        say("  - welcome: 0% Connecting to server...")
        threading.Event().wait()
    time.sleep(seconds * 0.1)
    if (os.environ.get("IB_USERNAME"), os.environ.get("IB_PASSWORD")) != (rules["username"], rules["password"]):
        text = "Invalid username or password."
        say(f"  - login failed: {text}", 1)
        say(f"• breaking out of maintenance cycle due to fatal error: {text}", 1)
        raise Fatal(text)
    if rules.get("login") == "session":
        say("  - existing session detected, will kick it out")
    cached = os.path.exists(f"{HOME}/session")
    if rules.get("login") == "two-factor":
        while True:
            say("!!! IB Gateway is waiting for two-factor authentication !!!", 3)
            time.sleep(5)
    if not cached:
        say("  - handling TOTP Mobile Authenticator")
        say("    TOTP form identified")
        time.sleep(seconds * 0.1)
        say("    TOTP answer entered")
        say("    TOTP OK clicked")
    for percent, text in ((20, "Authenticating..."), (60, "Requesting startup parameters..."), (90, "Downloading settings...")):
        say(f"  - welcome: {percent}% {text}")
        time.sleep(seconds * 0.1)
    if os.environ.get("IB_LOGINTYPE") == "Paper Trading":
        say(f"  - got warning: {PAPER}")
    time.sleep(seconds * 0.1)
    check = f"{HOME}/option_check_done"
    if os.path.exists(check):
        say(f"  - option check skipped, to perform again remove {check}")
    else:
        say("  - option check, clicking menu Configure/Settings ...")
        say("  - option check, no settings change necessary.")
    for name in ("option_check_done", "session"):
        open(f"{HOME}/{name}", "w", encoding="utf-8").close()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_):
        """A client that went away is its own affair."""


class Screen(socketserver.BaseRequestHandler):
    """x11vnc and noVNC: that they listen is all there is to them."""

    def handle(self):
        self.request.sendall(b"RFB 003.008\n")
        time.sleep(1)


def serve(port, handler):
    server = Server(("", port), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()


def main():
    if os.path.exists(LOST):
        os.remove(LOST)
    seconds = float(broker.settings().get("login_seconds", 150))
    say(f" Manager Startup / {now()}")
    step("starting Xvfb ...")
    step("starting x11vnc ...")
    step("starting noVNC ...")
    step("starting socat (4000 -> 9000) ...")
    api = Api()
    Session.api = api
    serve(5900, Screen)
    serve(5800, Screen)
    serve(4000, Session)
    try:
        log_in(seconds)
    except Fatal as error:
        say(f"• cannot continue due to fatal error: {error}", 1)
        step("entering infinit sleep ...")
        threading.Event().wait()
    api.open()
    while not os.path.exists(LOST):
        time.sleep(0.1)
    api.close()
    step("IB Gateway is no longer running, will restart ...")
    say("  - token expired detected: session is no longer valid", 3)
    threading.Event().wait()


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
