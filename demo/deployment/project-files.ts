// The files of the demo's repository at its first commit. What the engine does follows from them: programs/engine.ts.

const compose = `services:
  ibgateway:
    image: heshiming/ibga:latest
    container_name: ibgateway
    restart: always
    labels:
      - "autoheal=true"
    environment:
      - IB_USERNAME=\${IBKR_USERNAME}
      - IB_PASSWORD=\${IBKR_PASSWORD}
      - IB_LOGINTYPE=\${TRADING_MODE:-Paper Trading}
    volumes:
      - ibgateway-data:/home/ibgateway
    healthcheck:
      test: ["CMD", "nc", "-z", "localhost", "4000"]
      interval: 1s
      retries: 10

  trading-engine:
    build:
      context: .
      dockerfile: Dockerfile
    container_name: trading-engine
    restart: always
    depends_on:
      ibgateway:
        condition: service_started
      postgres:
        condition: service_healthy
    environment:
      - MODE=\${MODE:-paper}
      - IBKR_HOST=ibgateway
      - IBKR_PORT=4000
      - FORCE_EXECUTION=\${FORCE_EXECUTION:-0}
      - DB_HOST=postgres
      - DB_NAME=\${DB_NAME:-abstractfinance}
      - DB_USER=\${DB_USER:-postgres}
      - DB_PASSWORD=\${DB_PASSWORD}
    volumes:
      - ./config:/app/config:ro
      - ./state:/app/state
    ports:
      - "127.0.0.1:\${HEALTH_PORT:-8080}:8080"
      - "127.0.0.1:\${METRICS_PORT:-8000}:8000"

  postgres:
    image: postgres:14-alpine
    container_name: postgres
    restart: always
    environment:
      - POSTGRES_USER=\${DB_USER:-postgres}
      - POSTGRES_PASSWORD=\${DB_PASSWORD}
      - POSTGRES_DB=\${DB_NAME:-abstractfinance}
    volumes:
      - pgdata:/var/lib/postgresql/data
      - ./scripts/init-db.sql:/docker-entrypoint-initdb.d/init.sql:ro
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U \${DB_USER:-postgres}"]
      interval: 1s
      retries: 5

  alertmanager:
    image: prom/alertmanager:v0.27.0
    container_name: alertmanager
    restart: always
    ports:
      - "127.0.0.1:\${ALERTMANAGER_PORT:-9093}:9093"

  prometheus:
    image: prom/prometheus:v2.54.1
    container_name: prometheus
    restart: always
    depends_on:
      - alertmanager

  grafana:
    image: grafana/grafana:11.3.0
    container_name: grafana
    restart: always
    environment:
      - GF_SECURITY_ADMIN_USER=\${GRAFANA_USER:-admin}
    depends_on:
      - prometheus
      - loki
    ports:
      - "127.0.0.1:\${GRAFANA_PORT:-3000}:3000"

  loki:
    image: grafana/loki:3.2.0
    container_name: loki
    restart: always

volumes:
  ibgateway-data:
  pgdata:
`;

const dockerfile = `FROM python:3.11.11-slim
WORKDIR /app
ENV PYTHONUNBUFFERED=1
COPY VERSION .
COPY --chown=appuser:appuser src/ ./src/
COPY --chown=appuser:appuser config/ ./config/
USER appuser
CMD ["python", "-m", "src.scheduler"]
`;

const scheduler = `"""The trading engine: runs at fixed times, and sleeps between them."""

import time

from src import settings, sizing
from src.execution_ibkr import IBClient
from src.healthcheck import start_pages

STARTUP_SECONDS = 120


class ContinuousScheduler:
    def __init__(self, config):
        self.config = config
        self.client = IBClient(config.gateway_host, config.gateway_port)
        self.nav = 2_500_000.0

    def wait_for_gateway(self):
        print(f"Waiting {STARTUP_SECONDS}s for IB Gateway to be ready...")
        time.sleep(STARTUP_SECONDS)

    def prepare(self):
        """Sizes each instrument once, so that no run begins with one that cannot be sized."""
        for instrument in self.config.instruments:
            sizing.quantity(instrument, self.nav)

    def run(self):
        print("ContinuousScheduler started")
        start_pages(8080, 8000)
        self.wait_for_gateway()
        self.prepare()
        while True:
            settings.sleep_until_next_run()


def main():
    ContinuousScheduler(settings.load()).run()


if __name__ == "__main__":
    main()
`;

const settings = `"""Settings from the environment and from config/."""

import os
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Settings:
    mode: str
    gateway_host: str
    gateway_port: int
    force_execution: int
    instruments: list


def load():
    with open("config/instruments.yaml", encoding="utf-8") as file:
        instruments = yaml.safe_load(file)["instruments"]
    for instrument in instruments:
        instrument["weight"] = float(instrument["weight"])
    return Settings(
        mode=os.environ.get("MODE", "paper"),
        gateway_host=os.environ["IBKR_HOST"],
        gateway_port=int(os.environ["IBKR_PORT"]),
        force_execution=int(os.environ["FORCE_EXECUTION"]),
        instruments=instruments,
    )
`;

const sizing = `"""How much of an instrument to hold."""


def quantity(instrument, nav):
    return max(1, int(nav * instrument["weight"] // 25_000))
`;

const client = `"""Orders through IB Gateway."""


class IBClient:
    def __init__(self, host="127.0.0.1", port=4002, client_id=1):
        self.host = host
        self.port = port
        self.client_id = client_id

    def connect(self): ...

    def get_open_orders(self): ...

    def cancel_all_orders(self): ...
`;

const instruments = `instruments:
  - { symbol: CSPX, exchange: LSEETF, currency: USD, weight: 0.30 }
  - { symbol: FESX, exchange: EUREX, currency: EUR, weight: 0.25 }
  - { symbol: ZN, exchange: CBOT, currency: USD, weight: 0.20 }
  - { symbol: GC, exchange: COMEX, currency: USD, weight: 0.10 }
`;

const schema = `-- The schema of AbstractFinance. Run once, on an empty volume.
CREATE TABLE IF NOT EXISTS portfolio_snapshots (id serial PRIMARY KEY, timestamp timestamptz, nav numeric(18, 2));
CREATE TABLE IF NOT EXISTS positions (id serial PRIMARY KEY, instrument_id varchar(50), quantity numeric(18, 6));
CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, order_id varchar(100), instrument_id varchar(50), side varchar(10));
CREATE TABLE IF NOT EXISTS daily_returns (id serial PRIMARY KEY, date date, daily_return numeric(10, 8));
CREATE TABLE IF NOT EXISTS alerts (id serial PRIMARY KEY, timestamp timestamptz, alert_type varchar(50), message text);
`;

/** The files of the repository at its first commit, by path. */
export const projectFiles: ReadonlyMap<string, string> = new Map([
	['.gitignore', '.env\n.env.*\nbackups/\nstate/\nlogs/\n'],
	['Dockerfile', dockerfile],
	[
		'README.md',
		'# AbstractFinance\n\nA trading engine for IB Gateway, deployed with Docker Compose from this repository.\n',
	],
	['config/instruments.yaml', instruments],
	['docker-compose.yml', compose],
	['scripts/init-db.sql', schema],
	['src/__init__.py', ''],
	['src/execution_ibkr.py', client],
	['src/healthcheck.py', '"""Pages on 8080 and 8000."""\n\n\ndef start_pages(health, metrics): ...\n'],
	['src/scheduler.py', scheduler],
	['src/settings.py', settings],
	['src/sizing.py', sizing],
]);
