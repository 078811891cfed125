# shellcheck shell=sh
# Prints facts about the host, as NAME TAB VALUE lines; it judges nothing and changes nothing but a file of its own that proves that locks
# work in the folder for runs. Needs locate-state.sh, create-state.sh, quiet-git.sh, check-runs.sh, and the functions check_engine and
# check_room of an engine. Reads: directory, configured, tools.

LC_ALL=C
export LC_ALL
say() { printf '%s\t%s\n' "$1" "$(printf %s "$2" | tr '\n\t' '  ' | head -c 600)"; }
say clock "$(date +%s)"
say user "$(id -un)"
say system "$(uname -sr)"
for tool in $tools; do command -v "$tool" >/dev/null 2>&1 || say missing "$tool"; done
limited() { if command -v timeout >/dev/null 2>&1; then timeout 20 "$@"; else "$@"; fi; }

if [ -d "$directory" ] && cd -- "$directory" 2>/dev/null; then
	say directory "$(pwd -P)"
	[ -w . ] && say writable yes || say writable no
	if command -v git >/dev/null 2>&1; then
		quiet_git
		say git "$(git --version 2>&1)"
		if said=$(git --no-optional-locks rev-parse --short HEAD 2>&1); then say commit "$said"; else say no-commit "$said"; fi
	fi
else
	say no-directory "$directory"
fi

check_engine

state=
refused=$( (
	locate_state
	[ -n "$state" ] || state_can_be_created || {
		own_as_directory
		refuse_to_create
	}
	printf 'at %s' "$state"
) 2>&1)
case $refused in
	'at '?*)
		state=${refused#at }
		say state "$state"
		check_runs
		if command -v flock >/dev/null 2>&1; then
			probe=$state/.doctor.$$
			if (
				umask 077
				: >"$probe"
			) 2>/dev/null; then
				if flock -n "$probe" true 2>/dev/null; then say lock works; else say lock fails; fi
				# The same test as in start-run.ts, before it limits the output of a run.
				echo x >"$probe"
				fallocate -p -o 0 -l 65536 "$probe" 2>/dev/null && say holes work || say holes fail
				rm -f "$probe"
			else
				say lock unwritable
			fi
		fi
		;;
	'at ') say state '' ;;
	*)
		say no-state "$(printf %s "$refused" | cut -f 2)"
		say no-state-fix "$(printf %s "$refused" | cut -f 3)"
		;;
esac

room() { [ -z "$2" ] || df -Pk -- "$2" 2>/dev/null | awk -v what="$1" 'NR == 2 { printf "room\t%s %s %s\n", what, $2, $4 }'; }
room directory "$directory"
check_room
room state "$state"
