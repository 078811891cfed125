"""Settings from config/."""

import os

import yaml

from .sizing import quantity


def load_settings(path="config/settings.yaml"):
    with open(path, encoding="utf-8") as file:
        settings = yaml.safe_load(file)
    for run in settings["schedule"]["run_times"]:
        run["hour_utc"], run["minute_utc"] = int(run["hour_utc"]), int(run["minute_utc"])
    return settings


def load_instruments(path="config/instruments.yaml"):
    with open(path, encoding="utf-8") as file:
        instruments = yaml.safe_load(file)["instruments"]
    for instrument in instruments:
        instrument["weight"] = float(instrument["weight"])
    return instruments


def mode():
    """paper or live, from the environment."""
    found = os.environ.get("MODE", "paper")
    if found not in ("paper", "live"):
        raise ValueError(f"MODE must be paper or live, not {found!r}")
    return found


__all__ = ["load_instruments", "load_settings", "mode", "quantity"]
