"""The connection that market data comes by. It reconnects when it is closed, even when it closed itself."""

from ib_insync import IB

from . import clock


class IBReconnectManager:
    def __init__(self, host, port, client_id, logger):
        self.host, self.port, self.client_id, self.logger = host, port, client_id, logger
        self.reconnect_delay = 5
        self.max_attempts = 10
        self.ib = IB()
        self.ib.disconnectedEvent += self._on_ib_disconnect
        self.ib.errorEvent += self._on_ib_error

    def _log(self, event_type, success, error_message=None, metadata=None):
        self.logger.log_connection_event(event_type, self.host, self.port, success, error_message, metadata)

    def _connect(self):
        self.ib.connect(host=self.host, port=self.port, clientId=self.client_id, timeout=clock.patience(30))

    def connect(self):
        self._log("connect_attempt", False)
        try:
            self._connect()
        except Exception as error:
            self._log("connect_failed", False, str(error))
            return False
        self._log("connected", True)
        return True

    def disconnect(self):
        if self.ib.isConnected():
            self.ib.disconnect()
        self._log("disconnected", True)

    def _on_ib_disconnect(self):
        self._log("ib_disconnect_event", True)
        for attempt in range(1, self.max_attempts + 1):
            self._log("reconnect_attempt", False, metadata={"attempt": attempt})
            clock.sleep(self.reconnect_delay)
            try:
                self._connect()
                self._log("reconnected", True)
                return
            except Exception as error:
                self._log("reconnect_failed", False, str(error))

    def _on_ib_error(self, number, code, text, _contract):
        severity = "warning" if code < 2000 else "error"
        self.logger.log_alert("ib_error", severity, f"IB Error {code}: {text}", metadata={"reqId": number, "errorCode": code})
