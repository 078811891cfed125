"""The gateway's API: one session a connection, lines of JSON. See ib_insync/ib.py for the other end."""

import json
import socketserver
import threading
import time

import broker

FARMS = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:euhmds"),
    (2158, "Sec-def data farm connection is OK:secdefeu"),
)
IN_USE = "Unable to connect as the client id is already in use. Retry with a unique client id."


class Api:
    """Which clients are connected; open while the login is through."""

    def __init__(self):
        self.logged_in = False
        self.clients = {}
        self.greeted = set()
        self.lost_sessions = 0
        self.lock = threading.RLock()

    def open(self):
        self.logged_in = True

    def close(self):
        self.logged_in = False
        with self.lock:
            for session in list(self.clients.values()):
                session.hang_up()

    def loses_sessions(self):
        """True, with all of them gone, as many times since its start as the broker's settings say."""
        with self.lock:
            if self.lost_sessions >= broker.settings().get("lost_sessions", 0):
                return False
            self.lost_sessions += 1
            for session in list(self.clients.values()):
                session.hang_up()
            return True

    def admit(self, session):
        """False when its client id is in use."""
        with self.lock:
            if session.client in self.clients or session.client in broker.settings().get("held", []):
                return False
            self.clients[session.client] = session
            return True

    def greet(self, client):
        """True for a client's first session since the login: only then are the data farms told."""
        with self.lock:
            first = client not in self.greeted
            self.greeted.add(client)
            return first

    def leave(self, session):
        with self.lock:
            if self.clients.get(session.client) is session:
                del self.clients[session.client]

    def tell(self, item):
        """Tells an order's state to the client whose order it is."""
        with self.lock:
            owner = self.clients.get(item["order"]["clientId"])
        if owner is not None:
            owner.send(status=item)


class Session(socketserver.StreamRequestHandler):
    api = None
    client = None

    def send(self, **message):
        try:
            self.wfile.write((json.dumps(message) + "\n").encode())
        except OSError:
            pass

    def hang_up(self):
        try:
            self.connection.shutdown(2)
        except OSError:
            pass

    def handle(self):
        try:
            first = json.loads(self.rfile.readline() or b"null")
            if not isinstance(first, dict) or "hello" not in first:
                return
            if not self.api.logged_in:
                # Nobody is behind the port: the connection stands and nothing comes, until the client gives up.
                self.rfile.read()
                return
            self.client = first["hello"]
            self.readonly = first.get("readonly", False)
            if not self.api.admit(self):
                self.client = None
                self.send(error=[-1, 326, IN_USE])
                return
            self.serve()
        except (OSError, ValueError):
            pass
        finally:
            if self.client is not None:
                self.api.leave(self)

    def serve(self):
        mine = [item["order"]["orderId"] for item in broker.orders() if item["order"]["clientId"] == self.client]
        self.send(accounts=[broker.settings()["account"]], server=176, next=max([0, *mine]) + 1)
        if self.api.greet(self.client):
            for code, text in FARMS:
                self.send(error=[-1, code, text])
        for line in self.rfile:
            message = json.loads(line)
            with broker.lock:
                if "ask" in message:
                    self.send(answer=message["ask"], value=self.answer(message["ask"]))
                elif "place" in message:
                    self.place(message["place"])
                elif "cancel" in message:
                    self.cancel(lambda item: self.is_mine(item) and item["order"]["orderId"] == message["cancel"], message["cancel"])
                elif "global_cancel" in message and not self.api.loses_sessions():
                    self.cancel(lambda item: True, None)

    def is_mine(self, item):
        return item["order"]["clientId"] == self.client

    def answer(self, what):
        if what == "open_orders":
            return [item for item in broker.orders() if self.is_mine(item)]
        if what == "all_open_orders":
            return broker.orders()
        if what == "positions":
            account = broker.settings()["account"]
            return [{"account": account, **item} for item in broker.settings().get("positions", [])]
        if what == "account":
            account, nav = broker.settings()["account"], broker.settings().get("nav", 1_000_000.0)
            tags = {"NetLiquidation": nav, "TotalCashValue": nav * 0.4, "BuyingPower": nav * 2, "GrossPositionValue": nav * 0.6}
            return [[account, tag, f"{value:.2f}", "EUR"] for tag, value in tags.items()]
        return time.time() if what == "time" else None

    def place(self, wanted):
        order = wanted["order"]
        order.update(clientId=self.client, account=broker.settings()["account"], permId=broker.next_id("permId", 1_684_300_001))
        if self.readonly:
            self.send(error=[order["orderId"], 321, "The API interface is currently in Read-Only mode."])
            return
        # A market order is filled at once; any other rests until it is cancelled.
        filled = order["orderType"] == "MKT"
        item = {
            "contract": wanted["contract"],
            "order": order,
            "state": "Filled" if filled else "Submitted",
            "filled": order["totalQuantity"] if filled else 0.0,
            "price": 101.25 if filled else 0.0,
        }
        broker.save([*broker.orders(), item])
        self.send(status=item)

    def cancel(self, wanted, number):
        items = broker.orders()
        gone = [item for item in items if wanted(item)]
        if number is not None and not gone:
            self.send(error=[number, 10147, f"OrderId {number} that needs to be cancelled is not found."])
            return
        # As at the broker, it takes a moment.
        time.sleep(0.2)
        for item in gone:
            item["state"] = "Cancelled"
        broker.save(items)
        for item in gone:
            self.api.tell(item)
            if number is not None:
                self.send(error=[number, 202, "Order Canceled - reason:"])
