# shellcheck shell=sh
# The first part of the program that starts a run: the state folder, the lock, and an empty, hidden folder for the run. Needs
# locate-state.sh, create-state.sh and find-run-processes.sh. Reads: id, locked (1: the run takes the deployment's lock).
# shellcheck disable=SC2034 # set by the caller, or used by start-launch.sh

# Trapped, not ignored: an ignored signal would stay ignored in every step.
trap : HUP INT PIPE
step_umask=$(umask)
# mksh calculates with 32 bits: sizes and times would be wrong. Debian's lksh, the same shell otherwise, has 64.
[ $((2147483647 + 1)) -gt 0 ] ||
	refuse "sh on the host calculates with 32 bits, as mksh does" 'make dash, bash, BusyBox or lksh the sh of the host'
for tool in flock setsid mkfifo stat cksum head tail grep sed; do
	command -v "$tool" >/dev/null 2>&1 || refuse "$tool is not installed on the host" 'install util-linux and coreutils there'
done
locate_state
runs=$state/runs
there() { [ ! -d "$runs/$id" ] || {
	echo exists
	exit 0
}; }
# Whoever asks again gets this answer, also if nothing could be started now.
[ -z "$state" ] || there
create_state
umask "$private"
own_runs() {
	chown -h "$(stat -L -c %u:%g "$state")" "$runs"
	# After chown, which clears the set-group-id bit.
	[ "$private" != 007 ] || chmod 2770 "$runs"
}

! is_read_only "$state" || refuse_read_only "$state"
runs=$state/runs
new=$runs/.$id
mkdir -p "$runs" 2>/dev/null || refuse "$runs cannot be made" "is there room? df -h '$state'; df -i '$state'"
# Everything that root creates here belongs to the deployment's owner, whose git enters these folders, as the owner's own runs do.
[ "$(id -u)" != 0 ] || [ "$(stat -c %u:%g "$runs")" = "$(stat -L -c %u:%g "$state")" ] || own_runs
[ -w "$runs" ] && [ -x "$runs" ] ||
	refuse "$(id -un) may not write to $runs, which belongs to $(stat -c %U "$runs")" "sudo chown -R $(stat -L -c %U:%G "$state") '$runs'"

# owner_can_enter: as root, git runs as the deployment's owner (git-as-owner.sh), and creates its trees in these folders.
owner_can_enter() {
	owner=$(stat -c %U -- "$real" 2>/dev/null)
	[ "$(id -u)" != 0 ] || [ "${owner:-root}" = root ] || ! runuser -u "$owner" -- true 2>/dev/null || runuser -u "$owner" -- test -x "$runs"
}
owner_can_enter ||
	refuse "$owner, who owns $real, cannot enter $runs, where git works as $owner" "every folder above it has to let $owner through (chmod o+x), or set state of this target in the config to a folder that does"

owned() { [ "$(id -u)" != 0 ] || chown -hR "$(stat -L -c %u:%g "$state")" "$@"; }

short_nap() { sleep 0.1 2>/dev/null || sleep 1; }

# lock_directory: two configs may name two state folders for one deployment, so the directory that both change is locked, too. Where
# directories cannot be locked (NFS), or the deployment's is inside the tool that manages it, the state folder's lock must be enough.
lock_directory() {
	exec 5</dev/null
	if ! [ -d "$real" ] || ! [ -r "$real" ]; then return; fi
	exec 5<"$real"
	tries=0
	until flock -n 5; do
		[ $? = 1 ] || return
		tries=$((tries + 1))
		[ "$tries" -lt 20 ] ||
			refuse "$real is locked by a run whose records are not in $state" 'another config names another state folder for this deployment: see its runs there, and give both the same state'
		short_nap
	done
}

there
if [ "$locked" = 1 ]; then
	(exec 9<>"$state/lock") 2>/dev/null || refuse "$state/lock cannot be written" "ls -l '$state/lock'; df -h '$state'"
	exec 9<>"$state/lock"
	tries=0
	# A reader of the lock holds it only for a moment.
	until flock -n 9; do
		# 1 means that it is held (flock(1)); anything else, that it cannot be checked.
		[ $? = 1 ] || refuse "$state/lock cannot be locked" 'set state of this target in the config to a folder on a local file system'
		there
		tries=$((tries + 1))
		# A run that begins or ends holds it for a moment without its name on it.
		if { [ "$tries" -ge 5 ] && [ -s "$state/owner" ]; } || [ "$tries" -ge 100 ]; then
			echo busy
			cat "$state/owner" 2>/dev/null
			exit 0
		fi
		short_nap
	done
	lock_directory
	# A run whose supervisor was killed has left its name. Its processes may still be working here, without the lock.
	if [ -s "$state/owner" ]; then
		read -r died _ <"$state/owner"
		case $died in
			*/* | '') ;;
			*) ! find_run_processes "$died" "$runs/$died" ||
				refuse "run $died has died, but processes of it are still running:${left:- which ones, the host was too busy to say}" "\`backout cancel $died\` ends them" ;;
		esac
	fi
	owned "$state/lock"
	rm -f "$state/owner"
else
	exec 9</dev/null 5</dev/null
fi
there

# Built under a hidden name and then renamed, so that an incomplete run is never listed. mkdir admits only one start.
if ! mkdir "$new" 2>/dev/null; then
	[ -d "$new" ] || refuse "$new cannot be made" "is there room? df -h '$state'; df -i '$state'"
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		there
		short_nap
	done
	refuse "an earlier start of run $id was cut off on the host" 'nothing of it ran; start again'
fi
# Another start of the same run may have finished between the last check and mkdir.
[ ! -d "$runs/$id" ] || rm -rf "$new"
there
cd "$new" || refuse "$new cannot be entered" "ls -ld '$state'"

put() {
	printf '%s' "$2" 2>/dev/null >"$1" && return
	cd / && rm -rf "$new"
	refuse "the run could not be written to $runs" "is there room? df -h '$state'; df -i '$state'"
}
mkdir steps restore bin 2>/dev/null
