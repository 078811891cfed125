"""Runs the daily routine at its times; sleeps between them, without a connection to the gateway."""

import gc
import json
import signal
import time
import traceback
from datetime import date, datetime, timedelta, timezone

from ib_insync import IB

from .. import clock, settings
from ..healthcheck import health
from ..metrics import start_metrics_server

HOST, PORT = "ibgateway", 4000
LINE = "=" * 60


class ContinuousScheduler:
    STARTUP_DELAY_SECONDS = 120
    MAX_INIT_RETRIES = 10
    INIT_RETRY_DELAY_SECONDS = 90
    GATEWAY_READY_TIMEOUT_SECONDS = 600

    def __init__(self):
        self.running = True
        self.completed = set()
        self.day = None
        self.run_times = settings.load_settings()["schedule"]["run_times"]
        settings.mode()
        print(f"Configured run times: {[run['name'] for run in self.run_times]}")
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        # The lab's: pages that hang.
        signal.signal(signal.SIGUSR1, lambda *_: setattr(health, "hangs", True))

    def _stop(self, number, _frame):
        # Looked at after the sleep that goes on, of a minute at most.
        print(f"Received signal {number}, shutting down...")
        self.running = False

    def _sleep(self, seconds, piece):
        while seconds > 0 and self.running:
            clock.sleep(min(piece, seconds))
            seconds -= piece

    def _due(self):
        now = clock.now()
        if self.day != now.date():
            self.completed, self.day = set(), now.date()
        for run in self.run_times:
            if run["name"] not in self.completed and now >= self._at(run, now):
                return run
        return None

    def _at(self, run, now):
        return now.replace(hour=run["hour_utc"], minute=run["minute_utc"], second=0, microsecond=0)

    def _seconds_until_next(self):
        now = clock.now()
        times = []
        for run in self.run_times:
            at = self._at(run, now)
            times.append(at + timedelta(days=1) if run["name"] in self.completed or now >= at else at)
        return max(int((min(times) - now).total_seconds()), 60)

    def _startup_delay(self):
        remaining = self.STARTUP_DELAY_SECONDS
        print(f"Waiting {remaining}s for IB Gateway to be ready...")
        while remaining > 0 and self.running:
            clock.sleep(min(10, remaining))
            remaining -= 10
            if remaining > 0:
                print(f"  ...{remaining}s remaining")
        return self.running

    def _api_ready(self):
        ib = IB()
        try:
            ib.connect(host=HOST, port=PORT, clientId=99, timeout=clock.patience(15), readonly=True)
            accounts = ib.managedAccounts()
            ib.disconnect()
            if accounts:
                print(f"  Gateway API ready - accounts: {accounts}")
            return bool(accounts)
        except Exception as error:
            print(f"  Gateway API not ready: {error}")
            return False

    def _wait_for_api(self):
        budget = self.GATEWAY_READY_TIMEOUT_SECONDS
        print(f"Checking if IB Gateway API is ready (timeout: {budget}s)...")
        begun = time.monotonic()
        while self.running:
            elapsed = (time.monotonic() - begun) * clock.SPEED
            if elapsed >= budget:
                print(f"  Timeout waiting for gateway API after {elapsed:.0f}s")
                return False
            if self._api_ready():
                print(f"  Gateway API ready after {time.monotonic() - begun:.0f}s")
                return True
            print(f"  Gateway not ready, retrying in 30s ({budget - elapsed:.0f}s remaining)...")
            self._sleep(30, 5)
        return False

    def _run_with_retries(self, run):
        from ..scheduler_main import DailyScheduler

        if not self._wait_for_api():
            print("Gateway API not ready after timeout, skipping this run")
            health.ib_connected = False
            return False
        for attempt in range(1, self.MAX_INIT_RETRIES + 1):
            print(f"Initialization attempt {attempt}/{self.MAX_INIT_RETRIES}")
            scheduler = DailyScheduler()
            try:
                health.ib_connected = scheduler.initialize()
                if health.ib_connected:
                    print(f"Run '{run['name']}' completed: {json.dumps(scheduler.run_daily(run), indent=2)}")
                    return True
                print(f"Initialization failed on attempt {attempt}")
                if attempt < self.MAX_INIT_RETRIES:
                    print(f"Retrying in {self.INIT_RETRY_DELAY_SECONDS}s...")
                    self._sleep(self.INIT_RETRY_DELAY_SECONDS, 10)
                    if not self.running:
                        return False
            finally:
                scheduler.shutdown()
                scheduler = None
                # What reconnected while it was shut down is closed when it is forgotten.
                gc.collect()
        print(f"Failed to initialize after {self.MAX_INIT_RETRIES} attempts")
        return False

    def _run_one(self, run):
        name = run["name"]
        print(f"\n{LINE}\nStarting run '{name}' at {clock.now().isoformat()}\nTarget exchanges: {run['exchanges']}\n{LINE}\n")
        success = self._run_with_retries(run)
        self.completed.add(name)
        health.last_daily_run = {
            "timestamp": datetime.now(timezone.utc).isoformat(), "success": success, "date": date.today().isoformat(),
            "run_name": name,
        }
        print(f"\n{LINE}\nRun '{name}' finished at {clock.now().isoformat()}\n{LINE}\n")

    def run(self):
        print("ContinuousScheduler started")
        print("Configured run times:")
        for run in self.run_times:
            print(f"  - {run['name']}: {run['hour_utc']:02d}:{run['minute_utc']:02d} UTC (exchanges: {run['exchanges']})")
        print(f"Current time: {clock.now().strftime('%Y-%m-%d %H:%M:%S')} UTC")
        health.start(8080)
        print("Health check server running on port 8080")
        start_metrics_server(8000, lambda: health.hangs)
        print("Prometheus metrics server running on port 8000")
        if not self._startup_delay():
            print("Startup interrupted")
            return
        while self.running:
            try:
                run = self._due()
                if run:
                    self._run_one(run)
                seconds = self._seconds_until_next()
                at = clock.now() + timedelta(seconds=seconds)
                print(f"Next run scheduled for: {at.strftime('%Y-%m-%d %H:%M:%S')} UTC")
                print(f"Sleeping for {seconds} seconds ({seconds / 3600:.1f} hours)...")
                self._doze(at)
            except Exception as error:
                print(f"Error in scheduler loop: {error}")
                traceback.print_exc()
                clock.sleep(300)
        print("ContinuousScheduler stopped")

    def _doze(self, until):
        """Pieces of a minute, shortened in the lab; the hours themselves are not."""
        while self.running and clock.now() < until:
            clock.sleep(60)
