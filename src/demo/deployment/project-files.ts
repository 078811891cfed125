// The files of the demo's repository at its first commit. What the engine does follows from them: programs/engine.ts.

const compose = `services:
  trading-engine:
    build: .
    restart: unless-stopped
    env_file: .env
    environment:
      POSTGRES_HOST: postgres
      IBGATEWAY_HOST: ibgateway
    volumes:
      - ./config:/app/config:ro
    ports:
      - "127.0.0.1:\${HEALTH_PORT:-8080}:8080"
      - "127.0.0.1:\${METRICS_PORT:-8000}:8000"
    depends_on:
      - postgres
      - ibgateway
    healthcheck:
      test: ["CMD", "python", "/app/src/healthcheck.py"]
      interval: 1s
      retries: 2

  ibgateway:
    image: ghcr.io/gnzsnz/ib-gateway:stable
    container_name: ibgateway
    restart: unless-stopped
    environment:
      IBKR_USERNAME: \${IBKR_USERNAME:-}
    ports:
      - "127.0.0.1:\${NOVNC_PORT:-6080}:6080"

  postgres:
    image: postgres:15
    container_name: postgres
    restart: unless-stopped
    environment:
      POSTGRES_DB: \${POSTGRES_DB:-abstractfinance}
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:-}
    volumes:
      - postgres:/var/lib/postgresql/data
    healthcheck:
      test: ["CMD", "pg_isready", "-q", "-U", "postgres"]
      interval: 1s
      retries: 3

  grafana:
    image: grafana/grafana:11.2.0
    restart: unless-stopped
    command: ["grafana", "server", "--config=/etc/grafana/grafana.ini"]
    ports:
      - "127.0.0.1:\${GRAFANA_PORT:-3000}:3000"

  alertmanager:
    image: prom/alertmanager:v0.27.0
    restart: unless-stopped
    ports:
      - "127.0.0.1:\${ALERTMANAGER_PORT:-9093}:9093"

volumes:
  postgres:
`;

const dockerfile = `FROM python:3.12-slim
WORKDIR /app
ENV PYTHONUNBUFFERED=1
COPY src ./src
COPY VERSION ./
CMD ["python", "-m", "src.main"]
`;

const main = `"""The trading engine: one loop."""

import time

from src import settings, sizing
from src.execution_ibkr import IBClient
from src.store import Store

LOOP_SECONDS = 0.25


class Engine:
    def __init__(self, config):
        self.config = config
        self.store = Store(config.database, settings.SCHEMA_VERSION)
        self.gateway = IBClient(config.gateway_host)
        self.nav = 2_500_000.0

    def rebalance(self):
        for instrument in self.config.instruments:
            target = sizing.quantity(instrument, self.nav, self.config.max_order_notional)
            self.gateway.order_to(instrument["symbol"], target)

    def run(self):
        while True:
            self.store.positions()
            if settings.due():
                self.rebalance()
            time.sleep(LOOP_SECONDS)


def main():
    Engine(settings.load()).run()


if __name__ == "__main__":
    main()
`;

const settings = `"""Settings from the environment and from config/instruments.yaml."""

import os
from dataclasses import dataclass

import yaml

REBALANCE_SECONDS = 5.0
SCHEMA_VERSION = 3


@dataclass(frozen=True)
class Settings:
    database: dict
    gateway_host: str
    max_order_notional: float
    instruments: list


def load():
    with open("/app/config/instruments.yaml", encoding="utf-8") as file:
        instruments = yaml.safe_load(file)["instruments"]
    for instrument in instruments:
        instrument["weight"] = float(instrument["weight"])
    return Settings(
        database={"host": os.environ["POSTGRES_HOST"], "dbname": os.environ["POSTGRES_DB"]},
        gateway_host=os.environ["IBGATEWAY_HOST"],
        max_order_notional=float(os.environ["MAX_ORDER_NOTIONAL"]),
        instruments=instruments,
    )
`;

const sizing = `"""How much of an instrument to hold."""


def quantity(instrument, nav, max_notional):
    return max(1, int(min(nav * instrument["weight"], max_notional) // 25_000))
`;

const store = `"""Orders and positions in PostgreSQL."""

import psycopg2


class SchemaError(Exception):
    """The database has another schema than this version needs."""


class Store:
    def __init__(self, database, schema_version):
        self.connection = psycopg2.connect(**database)
        found = self.one("SELECT max(version) FROM schema_migrations")
        if found != schema_version:
            raise SchemaError(f"schema version {schema_version} expected, found {found}")

    def positions(self):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT symbol, quantity FROM positions")
            return dict(cursor.fetchall())

    def one(self, query):
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]
`;

const client = `"""Orders through IB Gateway."""


class IBClient:
    def __init__(self, host="ibgateway", port=4000, client_id=1):
        self.host = host
        self.port = port
        self.client_id = client_id

    def connect(self): ...

    def order_to(self, symbol, quantity): ...

    def open_orders(self): ...

    def cancel_all_orders(self): ...
`;

const instruments = `instruments:
  - { symbol: ES, exchange: CME, currency: USD, weight: 0.30 }
  - { symbol: FESX, exchange: EUREX, currency: EUR, weight: 0.25 }
  - { symbol: ZN, exchange: CBOT, currency: USD, weight: 0.20 }
  - { symbol: GC, exchange: COMEX, currency: USD, weight: 0.10 }
`;

/** The files of the repository at its first commit, by path. */
export const projectFiles: ReadonlyMap<string, string> = new Map([
	['.gitignore', '.env\n.env.*\nbackups/\n'],
	['Dockerfile', dockerfile],
	[
		'README.md',
		'# AbstractFinance\n\nA trading engine for IB Gateway, deployed with Docker Compose from this repository.\n',
	],
	['config/instruments.yaml', instruments],
	['docker-compose.yml', compose],
	[
		'migrations/003_nav_history.sql',
		"CREATE TABLE nav_history (at timestamptz PRIMARY KEY, nav numeric(14, 2) NOT NULL);\nINSERT INTO schema_migrations VALUES (3, 'nav_history');\n",
	],
	['src/__init__.py', ''],
	['src/execution_ibkr.py', client],
	[
		'src/healthcheck.py',
		'import urllib.request\n\nurllib.request.urlopen("http://127.0.0.1:8080/health", timeout=2)\n',
	],
	['src/main.py', main],
	['src/settings.py', settings],
	['src/sizing.py', sizing],
	['src/store.py', store],
]);
