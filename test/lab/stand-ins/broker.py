"""What the broker knows, in files outside the deployment: /broker/settings.json and /broker/orders.json.

Read anew each time, so that the lab can change them from outside.
"""

import json
import os
import threading

FOLDER = "/broker"
DONE = ("Filled", "Cancelled")
lock = threading.RLock()


def _read(name, default):
    try:
        with open(f"{FOLDER}/{name}", encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return default


def settings():
    """username, password, account, login (ok, never, session, two-factor), login_seconds, held (client ids), lost_sessions, positions, colour."""
    return {"username": "", "password": "", "account": "DU0000000", **_read("settings.json", {})}


def orders():
    """All orders of the account that are open."""
    return _read("orders.json", {}).get("orders", [])


def save(items):
    """Keeps the open ones among them."""
    state = _read("orders.json", {})
    state["orders"] = [item for item in items if item["state"] not in DONE]
    with open(f"{FOLDER}/orders.new", "w", encoding="utf-8") as file:
        json.dump(state, file, indent=1)
    os.replace(f"{FOLDER}/orders.new", f"{FOLDER}/orders.json")


def next_id(name, first):
    """A number that was never given before."""
    state = _read("orders.json", {})
    number = max(state.get(name, first), first)
    state[name] = number + 1
    state.setdefault("orders", [])
    with open(f"{FOLDER}/orders.new", "w", encoding="utf-8") as file:
        json.dump(state, file, indent=1)
    os.replace(f"{FOLDER}/orders.new", f"{FOLDER}/orders.json")
    return number
