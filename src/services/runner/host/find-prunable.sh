# shellcheck shell=sh
# prunable SECONDS KIB MOST KEPT prints the runs that may go, the oldest first: ID TAB WHY. Those older than so many
# seconds, and the oldest while all of them together take more than so many KiB; never one of the newest KEPT: a host
# clock that jumps ahead must not empty the journal.
#
# Never one that is going on, nor one that an unfinished run goes back to or goes on with, nor the newest that has a restore
# point (the way back from now), nor the newest restore point that is known to be good.
# Needs drop-restore-point.sh. Reads: state.

# shellcheck disable=SC2010 # as many names as there are, and only ids
run_ids() { ls -1 "$state/runs" 2>/dev/null | grep '^[0-9]\{8\}T[0-9]\{6\}Z-[0-9a-f]\{6\}$' | sort "$@"; }

has_restore_point() { [ -d "$state/runs/$1/restore" ] && grep -q '^restore_point	' "$state/runs/$1/facts" 2>/dev/null; }

# Sets "marked" to what the newest verdicts in a file of marks call good.
read_marks() {
	marked=' ' told=' '
	[ -r "$1" ] || return
	while read -r what word _; do
		case $told in *" $what "*) continue ;; esac
		told="$told$what "
		[ "$word" != good ] || marked="$marked$what "
	done <<END
$(tail -n 300 "$1" | sed -n '1!G;h;$p')
END
}

# True when verification has passed on the commit that was kept or, where nothing is known of that, on an image.
known_good() {
	commit=$(sed -n 's/^commit	//p' "$state/runs/$1/facts" | tail -n 1)
	case $told_commits in *" ${commit:-none} "*)
		case $good_commits in *" $commit "*) return 0 ;; *) return 1 ;; esac
		;;
	esac
	# shellcheck disable=SC2013 # ids have no blanks
	for image in $(sed -n 's/^image\.[^	]*	//p' "$state/runs/$1/facts"); do
		case $good_images in *" $image "*) return 0 ;; esac
	done
	return 1
}

going_on() {
	[ ! -s "$state/runs/$1/result" ] && [ -e "$state/runs/$1/alive" ] && ! flock -s -n "$state/runs/$1/alive" true 2>/dev/null
}

find_protected() {
	way_back='' last_good=''
	read_marks "$state/commits"
	good_commits=$marked told_commits=$told
	read_marks "$state/images"
	good_images=$marked
	for id in $(run_ids -r); do
		has_restore_point "$id" || continue
		way_back=${way_back:-$id}
		if known_good "$id"; then
			last_good=$id
			break
		fi
	done
}

prunable() {
	candidates=$(run_ids -r | tail -n "+$(($4 + 1))" | sort)
	[ -n "$candidates" ] || return
	# Ids begin with the time and so sort by it.
	cutoff=$(date -u -d "@$(($(date +%s) - $1))" +%Y%m%dT%H%M%SZ 2>/dev/null)
	total=$(du -sk "$state/runs" 2>/dev/null | cut -f 1)
	looked=
	count=0
	for one in $candidates; do
		[ "$count" -lt "$3" ] || return
		why=
		if [ -n "$cutoff" ] && [ "$(printf '%s\n%s\n' "$one" "$cutoff" | LC_ALL=C sort | head -n 1)" = "$one" ]; then
			why="older than $(($1 / 86400)) days"
		elif [ "${total:-0}" -gt "$2" ]; then
			why="all runs together took more than $(($2 / 1024)) MiB"
		else
			return
		fi
		[ ! -e "$state/runs/$one/pruned" ] || continue
		if [ -z "$looked" ]; then
			find_protected
			looked=1
		fi
		[ "$one" != "$way_back" ] && [ "$one" != "$last_good" ] && ! going_on "$one" && [ -z "$(needed_by "$one")" ] || continue
		kib=$(du -sk "$state/runs/$one" 2>/dev/null | cut -f 1)
		total=$((total - ${kib:-0}))
		count=$((count + 1))
		printf '%s\t%s\n' "$one" "$why"
	done
}
