#!/bin/bash
# Run by cron on Sundays at 22:00 UTC: logs the gateway in anew, without its volume, then restarts the engine.
set -e
cd "$(dirname "${BASH_SOURCE[0]}")/.."
docker compose stop ibgateway
sleep 10
docker volume rm abstractfinance_ibgateway-data 2>/dev/null || true
docker compose up -d ibgateway
sleep 180
docker compose restart trading-engine
