# shellcheck shell=sh
# Times as Docker writes them.

# seconds_of TIME: prints the seconds since the epoch of a time as Docker writes it, 2026-05-01T10:20:30.123456789Z or with an offset such
# as +02:00 or " +0000 UTC". Fails for anything else. BusyBox's date reads neither.
seconds_of() {
	printf '%s\n' "$1" | awk '
		/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ][0-9][0-9]:[0-9][0-9]:[0-9][0-9]/ {
			year = substr($0, 1, 4) + 0; month = substr($0, 6, 2) + 0; day = substr($0, 9, 2) + 0
			seconds = substr($0, 12, 2) * 3600 + substr($0, 15, 2) * 60 + substr($0, 18, 2)
			offset = substr($0, 20); sub(/^\.[0-9]+/, "", offset); sub(/^ /, "", offset); sub(/:/, "", offset)
			if (offset ~ /^[-+][0-9][0-9][0-9][0-9]/) {
				east = substr(offset, 2, 2) * 3600 + substr(offset, 4, 2) * 60
				seconds += offset ~ /^-/ ? east : -east
			}
			# The year begins in March, so that the leap day is its last.
			if (month <= 2) { year--; month += 12 }
			days = 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (month - 3) + 2) / 5) + day - 719469
			printf "%.0f\n", days * 86400 + seconds
			read = 1
		}
		END { exit !read }'
}
