"""Events as structlog writes them: console lines until setup_logging was called, JSON afterwards."""

import json
import logging
import sys
from datetime import datetime, timezone
from pathlib import Path

_json = False
_file = None


def setup_logging(log_level="INFO", log_file=None):
    global _json, _file
    logging.basicConfig(format="%(message)s", level=getattr(logging, log_level), stream=sys.stdout)
    if log_file:
        Path(log_file).parent.mkdir(parents=True, exist_ok=True)
        _file = log_file
    _json = True


class Logger:
    """What `TradingLogger.logger` is: one method a level, the event first and then its fields."""

    def __init__(self, name):
        self.name = name

    def info(self, event, **fields):
        self._write("info", event, fields)

    def warning(self, event, **fields):
        self._write("warning", event, fields)

    def error(self, event, **fields):
        self._write("error", event, fields)

    def _write(self, level, event, fields):
        if not _json:
            when = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
            words = " ".join(f"{key}={value if not isinstance(value, str) else value!r}" for key, value in sorted(fields.items()))
            print(f"{when} [{level:<9}] {event:<30} {words.replace(chr(39), '')}", flush=True)
            return
        stamp = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
        line = json.dumps({**fields, "event": event, "logger": self.name, "level": level, "timestamp": stamp}, default=str)
        print(line, flush=True)
        if _file:
            with open(_file, "a", encoding="utf-8") as file:
                file.write(line + "\n")


class TradingLogger:
    def __init__(self, name):
        self.logger = Logger(name)

    def log_connection_event(self, event_type, host, port, success, error_message=None, metadata=None):
        # Whatever is no success is an error, an attempt as well.
        write = self.logger.info if success else self.logger.error
        write(
            "connection_event", event_type=event_type, host=host, port=port, success=success,
            error_message=error_message, **(metadata or {}),
        )

    def log_alert(self, alert_type, severity, message, value=None, threshold=None, metadata=None):
        # Everything but a warning, an info as well, is written as an error.
        write = self.logger.warning if severity == "warning" else self.logger.error
        write(
            "alert", event_type="alert", alert_type=alert_type, severity=severity, message=message, value=value,
            threshold=threshold, **(metadata or {}),
        )

    def log_event(self, event, event_type, **fields):
        self.logger.info(event, event_type=event_type, **fields)


def get_trading_logger(name="abstractfinance"):
    return TradingLogger(name)
