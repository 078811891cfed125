"""willfarrell/autoheal: restarts containers that are unhealthy and carry its label."""

import http.client
import json
import os
import signal
import socket
import sys
import time
import urllib.parse

SPEED = float(os.environ.get("LAB_SPEED", "1"))
LABEL = os.environ.get("AUTOHEAL_CONTAINER_LABEL", "autoheal")
INTERVAL = float(os.environ.get("AUTOHEAL_INTERVAL", "5"))
START_PERIOD = float(os.environ.get("AUTOHEAL_START_PERIOD", "0"))
STOP_TIMEOUT = int(os.environ.get("AUTOHEAL_DEFAULT_STOP_TIMEOUT", "10"))


class Docker(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect("/var/run/docker.sock")


def ask(method, path):
    connection = Docker("localhost")
    try:
        connection.request(method, path)
        return connection.getresponse().read()
    finally:
        connection.close()


def heal():
    filters = json.dumps({"health": ["unhealthy"], "label": [f"{LABEL}=true"]})
    for container in json.loads(ask("GET", "/containers/json?filters=" + urllib.parse.quote(filters))):
        name, short = container["Names"][0], container["Id"][:12]
        when = time.strftime("%d-%m-%Y %H:%M:%S")
        print(f"{when} Container {name} ({short}) found to be unhealthy - Restarting container now with {STOP_TIMEOUT}s timeout", flush=True)
        ask("POST", f"/containers/{container['Id']}/restart?t={STOP_TIMEOUT}")


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(f"AUTOHEAL_CONTAINER_LABEL={LABEL}", flush=True)
print(f"Monitoring containers for unhealthy status in {START_PERIOD:.0f} second(s)", flush=True)
time.sleep(START_PERIOD / SPEED)
while True:
    try:
        heal()
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        print(f"docker did not answer: {error}", flush=True)
    time.sleep(max(INTERVAL / SPEED, 2))
