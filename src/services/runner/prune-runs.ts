import { gitAsOwner } from './git-as-owner.ts';

/** Never pruned, however old: the newest so many. A host clock that jumps ahead must not empty the journal. */
const newestKept = 10;
/** The most that one start prunes: it must not be kept waiting for long. */
const mostAtStart = 20;

/**
 * POSIX sh: `prunable SECONDS KIB MOST` prints the runs that may go, the oldest first: ID TAB WHY. Those older than so
 * many seconds, and the oldest while all of them together take more than so many KiB.
 *
 * Never one that is going on, nor the newest that has a restore point (the way back from now), nor the newest restore
 * point that is known to be good. Wants `state`.
 */
export const findPrunable = `
run_ids() { ls -1 "$state/runs" 2>/dev/null | grep '^[0-9]\\{8\\}T[0-9]\\{6\\}Z-[0-9a-f]\\{6\\}$' | sort "$@"; }

has_restore_point() { [ -d "$state/runs/$1/restore" ] && grep -q '^restore_point	' "$state/runs/$1/facts" 2>/dev/null; }

# Sets "marked" to what the newest verdicts in a file of marks call good.
read_marks() {
	marked=' ' told=' '
	[ -r "$1" ] || return
	while read -r what word rest; do
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
	case $told_commits in *" \${commit:-none} "*)
		case $good_commits in *" $commit "*) return 0 ;; *) return 1 ;; esac
	esac
	for image in $(sed -n 's/^image\\.[^	]*	//p' "$state/runs/$1/facts"); do
		case $good_images in *" $image "*) return 0 ;; esac
	done
	return 1
}

going_on() {
	[ ! -s "$state/runs/$1/result" ] && [ -e "$state/runs/$1/alive" ] && ! flock -s -n "$state/runs/$1/alive" true 2>/dev/null
}

find_protected() {
	way_back= last_good=
	read_marks "$state/commits"
	good_commits=$marked told_commits=$told
	read_marks "$state/images"
	good_images=$marked
	for id in $(run_ids -r); do
		has_restore_point "$id" || continue
		way_back=\${way_back:-$id}
		if known_good "$id"; then
			last_good=$id
			break
		fi
	done
}

prunable() {
	candidates=$(run_ids -r | tail -n +${newestKept + 1} | sort)
	[ -n "$candidates" ] || return
	# Ids begin with the time and so sort by it.
	cutoff=$(date -u -d "@$(($(date +%s) - $1))" +%Y%m%dT%H%M%SZ 2>/dev/null)
	total=$(du -sk "$state/runs" 2>/dev/null | cut -f 1)
	looked=
	count=0
	for one in $candidates; do
		[ "$count" -lt "$3" ] || return
		why=
		if [ -n "$cutoff" ] && [ "$(printf '%s\\n%s\\n' "$one" "$cutoff" | LC_ALL=C sort | head -n 1)" = "$one" ]; then
			why="older than $(($1 / 86400)) days"
		elif [ "\${total:-0}" -gt "$2" ]; then
			why="all runs together took more than $(($2 / 1024)) MiB"
		else
			return
		fi
		[ ! -e "$state/runs/$one/pruned" ] || continue
		if [ -z "$looked" ]; then
			find_protected
			looked=1
		fi
		[ "$one" != "$way_back" ] && [ "$one" != "$last_good" ] && ! going_on "$one" || continue
		kib=$(du -sk "$state/runs/$one" 2>/dev/null | cut -f 1)
		total=$((total - \${kib:-0}))
		count=$((count + 1))
		printf '%s\\t%s\\n' "$one" "$why"
	done
}
`;

/**
 * POSIX sh: `drop_restore_point ID` takes a restore point away: folder, git refs, image tags; what is left of it is in
 * `left`. `drop_run ID WHY` takes away all of a run but what the journal tells of it: who, why, when, result, verdicts.
 * Wants `state`, `directory` and to be in it.
 */
export const dropRuns = `
drop_restore_point() {
	left=
	[ -d "$state/runs/$1/restore" ] || return 0
	# A folder that is moved first is never half a restore point.
	rm -rf "$state/runs/$1/restore.dropped"
	mv "$state/runs/$1/restore" "$state/runs/$1/restore.dropped" || { left="$state/runs/$1/restore"; return 1; }
	for ref in $(git for-each-ref --format='%(refname)' "refs/backout/$1/" 2>/dev/null); do
		git update-ref -d "$ref" || left="$left, $ref"
	done
	if command -v docker >/dev/null; then
		for tag in $(timeout 20 docker image ls --format '{{.Repository}}:{{.Tag}}' --filter 'reference=backout/*' </dev/null 2>/dev/null |
			grep -E ":$1(-[0-9]+)?$"); do
			# The last name of an image in use cannot be taken away.
			timeout 60 docker image rm "$tag" </dev/null >/dev/null 2>&1 || left="$left, image $tag"
		done
	fi
	rm -rf "$state/runs/$1/restore.dropped" || left="$left, $state/runs/$1/restore.dropped"
	left=\${left#, }
}

drop_run() {
	drop_restore_point "$1" || return
	printf '%s000 %s\\n' "$(date +%s)" "$2" >"$state/runs/$1/pruned" || return
	for path in "$state/runs/$1"/* "$state/runs/$1"/.[!.]*; do
		case \${path##*/} in
			about.json | started | result | verdicts | records | facts | cancel | alive | pruned) ;;
			*) rm -rf "$path" || left="\${left:+$left, }$path" ;;
		esac
	done
}
`;

/** POSIX sh, kept in a run's folder as prune.sh: what the supervisor of a changing run does first. It says what it dropped. */
export const pruneRuns = `# sh prune.sh, in the run's folder.
. ./environment
state=$(CDPATH='' cd -P ../.. && pwd) || exit
read -r seconds kib <keep || exit
[ "\${folderless:-}" = 1 ] || cd -- "$directory" || exit
${gitAsOwner}
${findPrunable}
${dropRuns}
prunable "$seconds" "$kib" ${mostAtStart} >"$state/runs/\${1:?}/prunable"
while IFS='	' read -r id why; do
	left=
	drop_run "$id" "$why"
	printf 'pruned run %s: %s%s\\n' "$id" "$why" "\${left:+; left: $left}"
done <"$state/runs/$1/prunable"
rm -f "$state/runs/$1/prunable"
`;
