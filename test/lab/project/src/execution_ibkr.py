"""Orders through IB Gateway."""

import time
from dataclasses import dataclass
from enum import Enum

from ib_insync import IB, LimitOrder, MarketOrder, Stock

from . import clock
from .logging_utils import get_trading_logger
from .metrics import record_ib_reconnect, update_ib_connection


class OrderStatus(Enum):
    PENDING = "pending"
    SUBMITTED = "submitted"
    FILLED = "filled"
    CANCELLED = "cancelled"
    ERROR = "error"


@dataclass
class ExecutionReport:
    order_id: str
    instrument_id: str
    status: OrderStatus
    filled_qty: float = 0.0
    avg_fill_price: float = 0.0
    error_message: str = None


class IBClient:
    """A client of the gateway. It knows its own orders only."""

    def __init__(self, host="127.0.0.1", port=4002, client_id=1, timeout=30, readonly=False, logger=None, alert_manager=None):
        self.host, self.port, self.client_id = host, port, client_id
        self.timeout, self.readonly = timeout, readonly
        self.logger = logger or get_trading_logger()
        self.alert_manager = alert_manager
        self.ib = IB()
        self._connected = False
        self._pending_orders = {}
        self._max_reconnect_attempts = 5
        self.ib.disconnectedEvent += lambda: self._on_disconnect()

    def _log(self, event_type, success, error_message=None):
        self.logger.log_connection_event(event_type, self.host, self.port, success, error_message)

    def _connect(self):
        self.ib.connect(
            host=self.host, port=self.port, clientId=self.client_id, timeout=clock.patience(self.timeout), readonly=self.readonly
        )
        return self.ib.isConnected()

    def connect(self):
        try:
            self._connected = self._connect()
            self._log("connect", self._connected)
        except Exception as error:
            self._connected = False
            self._log("connect", False, str(error))
        update_ib_connection(self._connected)
        return self._connected

    def disconnect(self):
        if self._connected:
            self.ib.disconnect()
            self._connected = False
            self._log("disconnect", True)
            update_ib_connection(False)

    def is_connected(self):
        return self.ib.isConnected()

    def _on_disconnect(self):
        self._connected = False
        update_ib_connection(False)
        self._log("unexpected_disconnect", False, "IB Gateway connection lost")
        self._alert(f"IB Gateway disconnected unexpectedly!\n\nHost: {self.host}:{self.port}\nAttempting reconnection...")
        for attempt in range(1, self._max_reconnect_attempts + 1):
            seconds = min(30 * attempt, 120)
            self._log("reconnect_attempt", False, f"Attempt {attempt}/{self._max_reconnect_attempts}, waiting {seconds}s")
            clock.sleep(seconds)
            try:
                self._connected = self._connect()
                self._log("reconnect_success", True)
                record_ib_reconnect(True)
                update_ib_connection(True)
                self._alert(f"IB Gateway reconnected successfully!\n\nHost: {self.host}:{self.port}\nReconnected after {attempt} attempt(s)")
                return
            except Exception as error:
                self._log("reconnect_failed", False, str(error))
                record_ib_reconnect(False)
        self._alert("CRITICAL: IB Gateway reconnection FAILED!")

    def _alert(self, message):
        if self.alert_manager:
            self.alert_manager.send_connection_error(message)

    def _must(self):
        if not self.is_connected():
            raise ConnectionError("Not connected to IB Gateway")

    def get_account_nav(self):
        if not self.is_connected():
            return None
        return next((float(item.value) for item in self.ib.accountSummary() if item.tag == "NetLiquidation"), None)

    def get_positions(self):
        self._must()
        return {item.contract.symbol: item for item in self.ib.portfolio()}

    def place_order(self, instrument_id, side, quantity, limit_price=None):
        order_id = f"{instrument_id}-{time.time_ns()}"
        if not self.is_connected():
            return ExecutionReport(order_id, instrument_id, OrderStatus.ERROR, error_message="Not connected to IB Gateway")
        order = MarketOrder(side, quantity) if limit_price is None else LimitOrder(side, quantity, limit_price)
        fields = {"order_id": order_id, "instrument_id": instrument_id, "side": side, "quantity": quantity}
        self.logger.log_event("order_event", "order", **fields, order_type=order.orderType, price=limit_price, status="submitted")
        trade = self.ib.placeOrder(Stock(instrument_id, "SMART", "EUR"), order)
        self._pending_orders[order_id] = trade
        until = time.monotonic() + clock.patience(30)
        while time.monotonic() < until and not trade.isDone():
            self.ib.sleep(0.05)
        filled, price = trade.orderStatus.filled, trade.orderStatus.avgFillPrice
        if filled:
            self.logger.log_event("fill_event", "fill", **fields, fill_price=price, commission=1.05)
        status = OrderStatus.FILLED if filled else OrderStatus.SUBMITTED
        return ExecutionReport(order_id, instrument_id, status, filled, price)

    def place_orders(self, orders):
        return [self.place_order(*order) for order in orders]

    def cancel_order(self, order_id):
        trade = self._pending_orders.get(order_id)
        if trade is None:
            return False
        self.ib.cancelOrder(trade.order)
        self.ib.sleep(1)
        return trade.orderStatus.status == "Cancelled"

    def cancel_all_orders(self):
        """The number of cancelled ones among those that this object has placed."""
        return sum(1 for order_id in list(self._pending_orders) if self.cancel_order(order_id))

    def get_open_orders(self):
        """This client id's open orders."""
        if not self.is_connected():
            return []
        return [
            {
                "order_id": order.orderId, "symbol": "N/A", "action": order.action, "quantity": order.totalQuantity,
                "order_type": order.orderType, "status": "Unknown",
            }
            for order in self.ib.openOrders()
        ]

    def get_executions(self, days_back=1):
        self._must()
        return []
