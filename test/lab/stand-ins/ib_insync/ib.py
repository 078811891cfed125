"""IB: what a script connects with."""

import datetime
import logging
import queue
import time
from dataclasses import asdict

from .connection import Connection
from .contract import Contract
from .event import Event
from .order import DONE, AccountValue, Order, OrderStatus, PortfolioItem, Position, Trade

client_log = logging.getLogger("ib_insync.client")
log = logging.getLogger("ib_insync.ib")
# Said by the gateway for information; others are warnings or errors.
INFORMATION = {2104, 2106, 2107, 2108, 2119, 2158}


class Client:
    """What scripts ask `ib.client` for."""

    def __init__(self):
        self.host = self.port = self.clientId = None


class IB:
    def __init__(self):
        self.client = Client()
        self.connectedEvent = Event("connectedEvent")
        self.disconnectedEvent = Event("disconnectedEvent")
        self.errorEvent = Event("errorEvent")
        self.orderStatusEvent = Event("orderStatusEvent")
        self.openOrderEvent = Event("openOrderEvent")
        self.updateEvent = Event("updateEvent")
        self.RequestTimeout = 0
        self._connection = None
        self._ready = False
        self._accounts = []
        self._next = 1
        self._trades = {}
        self._answers = {}

    # The connection

    def connect(self, host="127.0.0.1", port=7497, clientId=1, timeout=4, readonly=False, account=""):
        if self.isConnected():
            log.warning("Already connected")
            return self
        self.client.host, self.client.port, self.client.clientId = host, port, clientId
        self._trades = {}
        self._ready = False
        try:
            client_log.info("Connecting to %s:%s with clientId %s...", host, port, clientId)
            begun = time.monotonic()
            self._connection = Connection(host, port, timeout)
            client_log.info("Connected")
            self._connection.send(hello=clientId, readonly=readonly)
            left = timeout - (time.monotonic() - begun) if timeout else None
            self._pump(lambda: self._ready, left)
            if not self._ready:
                raise TimeoutError()
            client_log.info("API connection ready")
        except BaseException as error:
            self._close()
            client_log.error("API connection failed: %r", error)
            if isinstance(error, ConnectionRefusedError):
                client_log.error("Make sure API port on TWS/IBG is open")
            raise
        if not readonly:
            self._ask("open_orders")
        log.info("Synchronization complete")
        self._pump(lambda: False, 0.05)
        self.connectedEvent.emit()
        return self

    def disconnect(self):
        if not self.isConnected():
            return
        log.info("Disconnecting from %s:%s, %d B sent, session over.", self.client.host, self.client.port, self._connection.sent)
        self._close()
        client_log.info("Disconnected.")
        self.disconnectedEvent.emit()

    def isConnected(self):
        return self._ready and self._connection is not None and self._connection.open.is_set()

    def managedAccounts(self):
        return list(self._accounts)

    # Waiting

    def sleep(self, seconds=0.02):
        self._pump(lambda: False, seconds)
        return True

    def waitOnUpdate(self, timeout=0):
        return self._pump(lambda: True, timeout or None, at_least=1)

    # Orders

    def openOrders(self):
        return [trade.order for trade in self.openTrades()]

    def openTrades(self):
        return [trade for trade in self._trades.values() if trade.orderStatus.status not in DONE]

    def orders(self):
        return [trade.order for trade in self._trades.values()]

    def trades(self):
        return list(self._trades.values())

    def reqOpenOrders(self):
        return [self._note(item) for item in self._ask("open_orders")]

    def reqAllOpenOrders(self):
        return [self._note(item) for item in self._ask("all_open_orders")]

    def placeOrder(self, contract, order):
        self._must()
        order.orderId = order.orderId or self._next
        self._next = max(self._next, order.orderId) + 1
        order.clientId = self.client.clientId
        trade = Trade(contract, order, OrderStatus(orderId=order.orderId, status="PendingSubmit", remaining=order.totalQuantity))
        self._trades[(order.clientId, order.orderId)] = trade
        self._connection.send(place={"contract": asdict(contract), "order": asdict(order)})
        return trade

    def cancelOrder(self, order, manualCancelOrderTime=""):
        self._must()
        trade = self._trades.get((order.clientId, order.orderId))
        self._connection.send(cancel=order.orderId)
        return trade

    def reqGlobalCancel(self):
        self._must()
        self._connection.send(global_cancel=True)
        log.info("reqGlobalCancel")

    # The account

    def positions(self, account=""):
        return [
            Position(item["account"], Contract(**item["contract"]), item["position"], item["average_cost"])
            for item in self._ask("positions")
        ]

    def portfolio(self, account=""):
        return [
            PortfolioItem(
                Contract(**item["contract"]), item["position"], item["market_price"],
                item["position"] * item["market_price"], item["average_cost"],
                item["position"] * (item["market_price"] - item["average_cost"]), 0.0, item["account"],
            )
            for item in self._ask("positions")
        ]

    def accountValues(self, account=""):
        return [AccountValue(*item) for item in self._ask("account")]

    accountSummary = accountValues

    def reqCurrentTime(self):
        return datetime.datetime.fromtimestamp(self._ask("time"), datetime.timezone.utc)

    # The inside

    def _must(self):
        if not self.isConnected():
            raise ConnectionError("Not connected")

    def _ask(self, what):
        self._must()
        self._answers.pop(what, None)
        self._connection.send(ask=what)
        self._pump(lambda: what in self._answers or not self.isConnected(), 20)
        if what not in self._answers:
            raise ConnectionError("Socket disconnect")
        return self._answers.pop(what)

    def _close(self):
        self._ready = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _pump(self, enough, seconds, at_least=0):
        """Handles what has come until it is enough or the seconds are over (None: no limit). Whether something came."""
        end = None if seconds is None else time.monotonic() + max(seconds, 0)
        handled = 0
        while handled < at_least or not enough():
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            if self._connection is None:
                if left is None:
                    break
                time.sleep(left)
                break
            try:
                message = self._connection.inbox.get(timeout=left)
            except queue.Empty:
                break
            handled += 1
            if message is None:
                self._lost()
                # A handshake that is refused is seen as one that is not answered: the caller's time-out.
                continue
            self._handle(message)
            self.updateEvent.emit()
        return handled > 0

    def _lost(self):
        was_ready = self._ready
        words = "Peer closed connection." + ("" if was_ready else f" clientId {self.client.clientId} already in use?")
        client_log.error(words)
        self._close()
        if was_ready:
            self.disconnectedEvent.emit()

    def _handle(self, message):
        if "accounts" in message:
            client_log.info("Logged on to server version %s", message["server"])
            self._accounts, self._next, self._ready = message["accounts"], message["next"], True
        elif "error" in message:
            number, code, text = message["error"]
            kind = "Warning" if code in INFORMATION or 2100 <= code < 2200 else "Error"
            client_log.log(logging.INFO if kind == "Warning" else logging.ERROR, "%s %d, reqId %d: %s", kind, code, number, text)
            self.errorEvent.emit(number, code, text, None)
        elif "status" in message:
            self._note(message["status"])
        elif "answer" in message:
            if message["answer"] == "open_orders":
                for item in message["value"]:
                    self._note(item)
            self._answers[message["answer"]] = message["value"]

    def _note(self, item):
        """Takes an order as the gateway tells it into the list of trades, as ib_insync does with other clients' too."""
        key = (item["order"]["clientId"], item["order"]["orderId"])
        trade = self._trades.get(key)
        if trade is None:
            trade = self._trades[key] = Trade(Contract(**item["contract"]), Order(**item["order"]))
        trade.order.permId = item["order"]["permId"]
        trade.order.account = item["order"]["account"]
        filled = item["filled"]
        trade.orderStatus = OrderStatus(
            item["order"]["orderId"], item["state"], filled, item["order"]["totalQuantity"] - filled, item["price"],
            item["order"]["permId"], item["order"]["clientId"],
        )
        self.orderStatusEvent.emit(trade)
        return trade
