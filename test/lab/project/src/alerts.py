"""Alerts: written to the log, and sent where Telegram is set up (which the lab never does)."""

from .logging_utils import get_trading_logger


class AlertManager:
    def __init__(self):
        self.logger = get_trading_logger()

    def send_alert(self, alert_type, severity, message, **fields):
        self.logger.log_alert(alert_type=alert_type, severity=severity, message=message, metadata=fields)

    def send_connection_error(self, message):
        self.send_alert("connection_error", "error", message)
