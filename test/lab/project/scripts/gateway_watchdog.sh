#!/bin/bash
# Run by cron every 15 minutes: restarts the gateway when it has been unhealthy for 30 minutes.
set -e
SCRIPTS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
SINCE=/tmp/gateway_watchdog_state
status=$(docker inspect --format '{{.State.Health.Status}}' ibgateway 2>/dev/null || echo unknown)
if [ "$status" = healthy ]; then
	rm -f "$SINCE"
	exit 0
fi
[ -f "$SINCE" ] || { date +%s > "$SINCE"; exit 0; }
if [ $(( ($(date +%s) - $(cat "$SINCE")) / 60 )) -ge 30 ]; then
	rm -f "$SINCE"
	"$SCRIPTS/restart_gateway.sh"
fi
