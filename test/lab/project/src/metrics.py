"""The metrics page on port 8000, as prometheus_client writes it. Only the ib_* series are ever set."""

import gc
import os
import platform
import resource
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "abstractfinance_"
STARTED = time.time()
GAUGES = (
    "ib_connection_state ib_last_heartbeat_timestamp portfolio_nav_usd portfolio_cash_usd portfolio_gross_exposure_usd "
    "portfolio_net_exposure_usd portfolio_daily_pnl_usd portfolio_daily_return_pct portfolio_drawdown_pct "
    "portfolio_max_drawdown_pct risk_realized_vol_annual risk_target_vol_annual risk_scaling_factor risk_regime "
    "risk_vix_level risk_emergency_derisk hedge_budget_annual_usd hedge_budget_used_ytd_usd hedge_budget_usage_pct "
    "risk_v2x_level risk_eurusd_trend risk_stress_score regime_inputs_missing fx_hedge_mode fx_residual_exposure_pct "
    "fx_hedge_ratio tailhedge_budget_remaining_usd tailhedge_effectiveness_pct run_ledger_status pricing_confidence_avg "
    "pricing_cache_entries scheduler_last_run_timestamp scheduler_last_run_success"
).split()
COUNTERS = (
    "ib_reconnect ib_reconnect_success ib_pacing_violations execution_commission execution_netting_savings_qty "
    "idempotency_duplicate_prevented pricing_cache_hits pricing_cache_misses"
).split()
# Of these only the type is on the page until they are first used, as they are labelled.
LABELLED = {
    "orders_submitted_total": "counter", "orders_filled_total": "counter", "orders_rejected_total": "counter",
    "orders_cancelled_total": "counter", "order_fill_latency_seconds": "histogram", "sleeve_weight_pct": "gauge",
    "sleeve_target_weight_pct": "gauge", "sleeve_pnl_usd": "gauge", "execution_slippage_bps": "histogram",
    "execution_notional_total": "counter", "execution_replace_count": "histogram", "scheduler_total_runs_total": "counter",
    "tailhedge_orders_rejected_total": "counter", "pricing_failures_total": "counter",
}
BUCKETS = ("10.0", "30.0", "60.0", "120.0", "300.0", "600.0", "1200.0", "+Inf")
values = dict.fromkeys([*GAUGES, *COUNTERS], 0.0)


def update_ib_connection(connected):
    values["ib_connection_state"] = float(connected)
    if connected:
        values["ib_last_heartbeat_timestamp"] = time.time()


def record_ib_reconnect(success):
    values["ib_reconnect"] += 1
    if success:
        values["ib_reconnect_success"] += 1


def of_process():
    """The python_* and process_* series: they move, whatever the engine does."""
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = [int(word) for word in file.read().split()[:2]]
    size = resource.getpagesize()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    stats = gc.get_stats()
    per_generation = lambda key: [(f'{{generation="{number}"}}', float(item[key])) for number, item in enumerate(stats)]
    version = platform.python_version()
    major, minor, patch = version.split(".")[:3]
    labels = f'{{implementation="CPython",major="{major}",minor="{minor}",patchlevel="{patch}",version="{version}"}}'
    return [
        ("python_gc_objects_collected_total", "counter", per_generation("collected")),
        ("python_gc_objects_uncollectable_total", "counter", per_generation("uncollectable")),
        ("python_gc_collections_total", "counter", per_generation("collections")),
        ("python_info", "gauge", [(labels, 1.0)]),
        ("process_virtual_memory_bytes", "gauge", [("", float(pages[0] * size))]),
        ("process_resident_memory_bytes", "gauge", [("", float(pages[1] * size))]),
        ("process_start_time_seconds", "gauge", [("", STARTED)]),
        ("process_cpu_seconds_total", "counter", [("", round(usage.ru_utime + usage.ru_stime, 4))]),
        ("process_open_fds", "gauge", [("", float(len(os.listdir("/proc/self/fd"))))]),
        ("process_max_fds", "gauge", [("", float(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))]),
    ]


def of_engine():
    found = [(PREFIX + name, "gauge", [("", values[name])]) for name in GAUGES]
    for name in COUNTERS:
        found.append((f"{PREFIX}{name}_total", "counter", [("", values[name])]))
        found.append((f"{PREFIX}{name}_created", "gauge", [("", STARTED)]))
    found += [(PREFIX + name, kind, []) for name, kind in LABELLED.items()]
    buckets = [(f'_bucket{{le="{le}"}}', 0.0) for le in BUCKETS]
    found.append((PREFIX + "scheduler_run_duration_seconds", "histogram", [*buckets, ("_count", 0.0), ("_sum", 0.0)]))
    found.append((PREFIX + "scheduler_run_duration_seconds_created", "gauge", [("", STARTED)]))
    found.append((PREFIX + "system_info", "gauge", [("", 1.0)]))
    return found


def page():
    lines = []
    for name, kind, samples in [*of_process(), *of_engine()]:
        lines.append(f"# HELP {name} {name.removeprefix(PREFIX).replace('_', ' ')}")
        lines.append(f"# TYPE {name} {kind}")
        lines.extend(f"{name}{suffix} {value!r}" for suffix, value in samples)
    return "\n".join(lines) + "\n"


class QuietServer(ThreadingHTTPServer):
    # As the real server's: who hangs up before the answer leaves no traceback in the log.
    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def start_metrics_server(port, hangs):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            while hangs():
                time.sleep(0.1)
            if self.path != "/metrics":
                self.send_error(404, "Not Found")
                return
            body = page().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = QuietServer(("0.0.0.0", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"Metrics server started on http://0.0.0.0:{port}/metrics")
