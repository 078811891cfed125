#!/bin/bash
# A backup of the database, by cron: 0 3 * * *. Keeps 30 days.
set -e
DIRECTORY="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
BACKUP_DIR="$DIRECTORY/backups"
DB_NAME="${DB_NAME:-abstractfinance}"
DB_USER="${DB_USER:-postgres}"
FILE="$BACKUP_DIR/abstractfinance_$(date +%Y%m%d_%H%M%S).sql.gz"
mkdir -p "$BACKUP_DIR"
docker exec postgres pg_dump -U "$DB_USER" "$DB_NAME" | gzip > "$FILE"
if [ ! -s "$FILE" ]; then
	echo "$(date): ERROR - backup is empty or missing"
	rm -f "$FILE"
	exit 1
fi
find "$BACKUP_DIR" -name 'abstractfinance_*.sql.gz' -mtime +30 -delete
echo "$(date): backup written to $FILE"
