# shellcheck shell=sh
# prunable SECONDS KIB MOST KEPT: prints the runs that may be pruned, at most MOST, oldest first: ID TAB WHY. Those are the runs older than
# SECONDS, and the oldest ones while all runs together take more than KIB; never one of the KEPT newest: a host clock that jumps ahead must
# not empty the journal.
#
# Never a run that is going on, nor one that an unfinished run undoes or continues, nor the newest with a restore point (it undoes what is
# there now), nor the newest restore point that is known to be good, nor the newest that has the images of a verification that passed. Needs drop-restore-point.sh, runs-by-start.sh, pruned-run.sh and
# going-on.sh. Reads: state.

has_restore_point() { [ -d "$state/runs/$1/restore" ] && grep -q '^restore_point	' "$state/runs/$1/facts" 2>/dev/null; }

# read_marks FILE: sets "marked" to what the newest verdicts in the file call good.
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

# known_good ID: succeeds if verification has passed on the commit that was saved or, if nothing is known about that, on an image.
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

find_protected() {
	way_back='' last_good='' last_verified=''
	read_marks "$state/commits"
	good_commits=$marked told_commits=$told
	read_marks "$state/images"
	good_images=$marked
	for id in $(runs_by_start | cut -d ' ' -f 2); do
		has_restore_point "$id" || continue
		way_back=${way_back:-$id}
		if [ -z "$last_verified" ] && grep -q '^verified\.' "$state/runs/$id/facts"; then last_verified=$id; fi
		if [ -z "$last_good" ] && known_good "$id"; then last_good=$id; fi
		[ -z "$last_good" ] || [ -z "$last_verified" ] || break
	done
}

prunable() {
	candidates=$(runs_by_start | tail -n "+$(($4 + 1))" | sort -n | tr ' ' ,)
	[ -n "$candidates" ] || return
	cutoff=$(($(date +%s) - $1))
	total=$(du -sk "$state/runs" 2>/dev/null | cut -f 1)
	looked=
	count=0
	for candidate in $candidates; do
		[ "$count" -lt "$3" ] || return
		one=${candidate#*,} at=${candidate%%,*}
		why=
		if [ "${at%???}" -lt "$cutoff" ]; then
			why="older than $(($1 / 86400)) days"
		elif [ "${total:-0}" -gt "$2" ]; then
			why="all runs together took more than $(($2 / 1024)) MiB"
		else
			return
		fi
		! is_pruned "$one" || continue
		if [ -z "$looked" ]; then
			find_protected
			looked=1
		fi
		[ "$one" != "$way_back" ] && [ "$one" != "$last_good" ] && [ "$one" != "$last_verified" ] && ! going_on "$one" && [ -z "$(needed_by "$one")" ] || continue
		kib=$(du -sk "$state/runs/$one" 2>/dev/null | cut -f 1)
		total=$((total - ${kib:-0}))
		count=$((count + 1))
		printf '%s\t%s\n' "$one" "$why"
	done
}
