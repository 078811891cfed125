"""Settings from the environment and from config/instruments.yaml."""

import os
from dataclasses import dataclass

import yaml

REBALANCE_SECONDS = 5.0
SCHEMA_VERSION = 3


@dataclass(frozen=True)
class Settings:
    database: dict
    gateway_host: str
    gateway_port: int
    max_order_notional: float
    instruments: list


def load():
    with open("/app/config/instruments.yaml", encoding="utf-8") as file:
        instruments = yaml.safe_load(file)["instruments"]
    for instrument in instruments:
        instrument["weight"] = float(instrument["weight"])
    return Settings(
        database={
            "host": os.environ["POSTGRES_HOST"],
            "dbname": os.environ["POSTGRES_DB"],
            "user": os.environ["POSTGRES_USER"],
            "password": os.environ["POSTGRES_PASSWORD"],
            "connect_timeout": 2,
        },
        gateway_host=os.environ["IBGATEWAY_HOST"],
        gateway_port=int(os.environ.get("IBGATEWAY_PORT", "4000")),
        max_order_notional=float(os.environ["MAX_ORDER_NOTIONAL"]),
        instruments=instruments,
    )
