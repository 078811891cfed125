# shellcheck shell=sh
# The last part of the program that starts a run, in the run's folder, with all files written. Renames the folder into place and leaves the
# supervisor running. Reads: runs, new, id, about, claimed (empty: needs no approval; else see read-identity.sh), locked, grace, step_umask,
# free_room (the engine's commands that free disk space), notify_secrets, emergency (1: the run starts without the engine's shared lock where
# that cannot be taken). Needs find-elsewhere.sh.

# If holes cannot be made, a long output is kept whole.
fallocate -p -o 0 -l 65536 out 2>/dev/null || : >limits
# Allocate space for what has to be written even when a step fills the disk: records, and as much output as a step usually has.
if said=$(LC_ALL=C fallocate -n -l 65536 records 2>&1); then
	fallocate -n -l 1048576 out 2>/dev/null || fallocate -n -l 65536 out 2>/dev/null
	: >reserved
else
	case $said in *'No space'* | *'quota'*)
		cd / && rm -rf "$new"
		refuse "not enough space for a run in $runs" "free some space: $free_room; backout prune; see df -h '$state'"
		;;
	esac
fi
for program in bin/*; do [ ! -f "$program" ] || chmod +x "$program"; done
ms=$(date +%s%3N)
case $ms in *[!0-9]* | ????????????????*) ms=$(date +%s)000 ;; esac
cat /proc/sys/kernel/random/boot_id >boot 2>/dev/null
put started "$ms
"
# Who started it, as SSH proves it, and the name that is claimed: another operator has to approve it.
if [ -n "$claimed" ]; then
	read_identity
	put identity "$account
$key
$certificate
$claimed
"
fi
if ! mkfifo control 2>/dev/null; then
	cd / && rm -rf "$new"
	refuse "a FIFO cannot be made in $runs" 'set state of this target in the config to a folder on a local file system'
fi
exec 8<alive
if ! flock -n 8; then
	cd / && rm -rf "$new"
	refuse "files in $runs cannot be locked" 'set state of this target in the config to a folder on a local file system'
fi
owned .
free_shared() { [ ! -s shared-lock.sh ] || timeout "${1:-30}" sh shared-lock.sh free "$id" >/dev/null 2>&1 </dev/null; }
if [ "$locked" = 1 ] && [ -s shared-lock.sh ]; then
	said=$(timeout 25 sh shared-lock.sh take "$id" "$ms" "$(CDPATH='' cd -P "$state" && pwd)" 2>&1 </dev/null)
	case $? in
		0) ;;
		3)
			cd / && rm -rf "$new"
			printf 'busy\n%s\n' "$said"
			exit 0
			;;
		*)
			said=$(printf '%s\n' "${said:-the shared lock was not given within 25 s}" | tail -n 1)
			if [ "$emergency" = 1 ]; then
				printf 'Other hosts do not see that this run is going on: %s\n' "$said" >>out
			else
				# It may have been given after all, and nobody heard it. The client waits 30 s for the whole start.
				free_shared 15
				cd / && rm -rf "$new"
				refuse "$said" 'nothing was changed; backout doctor says how this host stands'
			fi
			;;
	esac
fi
if [ "$locked" = 1 ]; then
	put owner "$id $ms
$about
"
	owned owner
	mv owner "$state/owner"
	# An engine with a lock of its own has one for all folders.
	if [ ! -s shared-lock.sh ] && find_elsewhere "$state" "$real"; then
		rm -f "$state/owner"
		cd / && rm -rf "$new"
		# shellcheck disable=SC2154 # find_elsewhere sets them
		printf 'busy\n%s\n%s\n' "$holder" "its records are in $elsewhere, as ${directory%/} led to another folder than $real when it was started; start again when it has ended, or with --wait"
		exit 0
	fi
fi
mv "$new" "$runs/$id"
cd "$runs/$id" || exit 1
# The secrets of notices are in no file and no argument. Where printf is a program, as in some builds of mksh, it would show them.
case $(command -v printf) in /*) notify_secrets= ;; esac
answer=$(printf '%s' "$notify_secrets" | setsid sh supervisor.sh "$step_umask" "$grace" "$locked" 2>supervisor.err &)
if [ "$answer" != started ]; then
	said=$(head -c 300 supervisor.err | tr '\n\t' '  ')
	[ "$locked" != 1 ] || rm -f "$state/owner"
	[ "$locked" != 1 ] || free_shared
	cd / && rm -rf "${runs:?}/$id"
	refuse "the supervisor did not start: $said" 'check the host: processes, memory'
fi
echo started
