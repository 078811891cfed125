"""As much of ib_insync.util as scripts call."""

import logging
import sys
import time


def sleep(seconds=0.02):
    time.sleep(seconds)
    return True


def logToConsole(level=logging.INFO):
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root = logging.getLogger("ib_insync")
    root.setLevel(level)
    root.addHandler(handler)


def patchAsyncio():
    """Nothing to patch: there is no event loop here."""


def startLoop():
    """Nothing to start: there is no event loop here."""
