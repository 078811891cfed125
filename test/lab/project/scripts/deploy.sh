#!/bin/bash
# A deployment by hand: the newest commit of main, the engine alone.
set -e
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git fetch origin
git reset --hard origin/main
docker compose -f docker-compose.yml build trading-engine
docker compose -f docker-compose.yml up -d trading-engine
