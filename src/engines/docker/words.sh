# shellcheck shell=sh
# Figures as an operator reads them, the same wherever they are printed.

# size_in_words KIB: a size in binary units with at most three digits, as on the dashboard: `512 KiB`, `1.4 GiB`, `77 GiB`.
size_in_words() {
	awk -v size="$1" 'BEGIN {
		split("KiB MiB GiB TiB", units, " ")
		for (unit = 1; size >= 1000 && unit < 4; unit++) size /= 1024
		if (size >= 10 || size == int(size)) printf "%.0f %s\n", size, units[unit]
		else printf "%.1f %s\n", size, units[unit]
	}'
}

# lines_that_differ FILE: how many lines differ between the standard input and FILE; one that is changed counts once.
lines_that_differ() {
	# BusyBox has no other form of a difference than this one; its first two lines are a heading.
	diff -U 0 - "$1" 2>/dev/null | tail -n +3 | awk '
		function ends() { total += less > more ? less : more; less = more = 0 }
		/^@/ { ends() }
		/^-/ { less++ }
		/^[+]/ { more++ }
		END { ends(); print total == 1 ? "1 line differs" : total + 0 " lines differ" }'
}
