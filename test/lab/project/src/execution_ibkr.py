"""Orders through IB Gateway."""

import socket


class GatewayError(Exception):
    """The gateway refused, or the connection to it was lost."""


class IBClient:
    """A connection to IB Gateway. Not for use by several threads."""

    def __init__(self, host="ibgateway", port=4000, client_id=1, timeout=3.0):
        self.host = host
        self.port = port
        self.client_id = client_id
        self.timeout = timeout
        self._file = None
        self._socket = None

    @property
    def connected(self):
        return self._socket is not None

    def connect(self):
        self._socket = socket.create_connection((self.host, self.port), self.timeout)
        self._file = self._socket.makefile("rw", encoding="utf-8", newline="\n")
        self._ask(f"HELLO {self.client_id}")

    def disconnect(self):
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._file = None

    def ping(self):
        self._ask("PING")

    def place_order(self, symbol, side, quantity, price):
        return int(self._ask(f"ORDER {symbol} {side} {quantity} {price}"))

    def open_orders(self):
        return int(self._ask("OPEN"))

    def cancel_all_orders(self):
        return int(self._ask("CANCEL_ALL"))

    def _ask(self, line):
        if self._socket is None:
            raise GatewayError("not connected")
        try:
            self._file.write(line + "\n")
            self._file.flush()
            answer = self._file.readline()
        except OSError as error:
            self.disconnect()
            raise GatewayError(str(error)) from error
        if not answer:
            self.disconnect()
            raise GatewayError("connection closed by the gateway")
        word, _, rest = answer.strip().partition(" ")
        if word != "OK":
            raise GatewayError(rest or answer.strip())
        return rest
