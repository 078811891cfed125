#!/bin/bash
# As much of netcat as a health check needs: nc -z HOST PORT.
[ "$1" = -z ] || { echo "usage: nc -z HOST PORT" >&2; exit 2; }
host=$2
[ "$host" != localhost ] || host=127.0.0.1
exec 3<>"/dev/tcp/$host/$3"
