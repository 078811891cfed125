"""The trading engine: one loop."""

import logging
import random
import signal
import sys
import time

import psycopg2

from src import settings, sizing, web
from src.execution_ibkr import GatewayError, IBClient
from src.store import Store

log = logging.getLogger("engine")
LOOP_SECONDS = 0.25


class State:
    """What the web pages show."""

    def __init__(self, version):
        self.version = version
        self.started = self.heartbeat = time.time()
        self.gateway = "connecting"
        self.database = "connecting"
        self.positions = {}
        self.nav = 2_500_000.0
        self.loops = self.orders = self.errors = 0
        self.loop_seconds = 0.0
        self.histogram = {"0.005": 0, "0.01": 0, "0.05": 0, "0.1": 0, "+Inf": 0}
        self.hangs = False


class Engine:
    def __init__(self, state, config):
        self.state = state
        self.config = config
        self.store = Store(config.database)
        self.gateway = IBClient(config.gateway_host, config.gateway_port)
        self.due = {}

    def every(self, seconds, name):
        """True when `seconds` have passed since the last time."""
        now = time.monotonic()
        if now < self.due.get(name, 0):
            return False
        self.due[name] = now + seconds
        return True

    def keep_database(self):
        try:
            if not self.store.connected:
                self.store.connect(settings.SCHEMA_VERSION)
                log.info("Connected to the database at %s", self.config.database["host"])
            self.state.positions = self.store.positions()
            self.state.database = "ok"
        except psycopg2.OperationalError as error:
            self.store.close()
            if self.state.database != "unreachable":
                log.warning("Database unreachable: %s", str(error).strip().splitlines()[0])
            self.state.database = "unreachable"
        except psycopg2.Error as error:
            self.store.close()
            self.state.errors += 1
            log.error("Database query failed: %s", str(error).strip().splitlines()[0])
            self.state.database = "failing"

    def keep_gateway(self):
        where = f"{self.config.gateway_host}:{self.config.gateway_port}"
        try:
            if not self.gateway.connected:
                self.gateway.connect()
                log.info("Connected to IB Gateway at %s", where)
            self.gateway.ping()
            self.state.gateway = "connected"
        except (OSError, GatewayError) as error:
            self.gateway.disconnect()
            if self.state.gateway == "connected":
                log.warning("Disconnected from IB Gateway: %s", error)
            elif self.every(5, "gateway warning"):
                log.warning("Cannot connect to IB Gateway at %s: %s", where, error)
            self.state.gateway = "disconnected"

    def rebalance(self):
        for instrument in self.config.instruments:
            instrument["target"] = sizing.quantity(instrument, self.state.nav, self.config.max_order_notional)
        if self.state.gateway != "connected" or self.state.database != "ok":
            return
        instrument = random.choice(self.config.instruments)
        side = random.choice(("BUY", "SELL"))
        price = round(random.uniform(90, 5200), 2)
        number = self.gateway.place_order(instrument["symbol"], side, instrument["target"], price)
        self.store.record_order(number, instrument["symbol"], side, instrument["target"], price)
        self.state.orders += 1
        log.info("Placed order %d: %s %d %s @ %.2f", number, side, instrument["target"], instrument["symbol"], price)

    def loop(self):
        begun = time.perf_counter()
        if self.every(1, "database"):
            self.keep_database()
        if self.every(1, "gateway"):
            self.keep_gateway()
        if time.time() - self.state.started > 1.2 and self.every(settings.REBALANCE_SECONDS, "rebalance"):
            try:
                self.rebalance()
            except GatewayError as error:
                log.warning("Order not placed: %s", error)
            except psycopg2.Error as error:
                self.state.errors += 1
                log.error("Order not recorded: %s", str(error).strip().splitlines()[0])
        if self.every(10, "report"):
            log.info("nav=%.2f positions=%d gateway=%s", self.state.nav, len(self.state.positions), self.state.gateway)
        self.state.nav += random.gauss(0, 40)
        took = time.perf_counter() - begun
        self.state.loops += 1
        self.state.loop_seconds += took
        for le in self.state.histogram:
            if took <= float(le):
                self.state.histogram[le] += 1
        self.state.heartbeat = time.time()


def main():
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)-8s %(name)s: %(message)s"
    )
    with open("/app/VERSION", encoding="utf-8") as file:
        state = State(file.read().strip())
    log.info("AbstractFinance %s starting", state.version)
    engine = Engine(state, settings.load())
    running = True

    def stop(*_):
        nonlocal running
        running = False

    def hang(*_):
        state.hangs = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGUSR1, hang)
    web.serve(state)
    while running:
        engine.loop()
        time.sleep(LOOP_SECONDS)
    engine.gateway.disconnect()
    engine.store.close()
    log.info("Stopped")


if __name__ == "__main__":
    main()
