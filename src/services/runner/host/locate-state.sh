# shellcheck shell=sh
# refuse MESSAGE NEXT: ends the program; the caller makes a refusal of it. locate_state: sets `state` to the deployment's state folder, or
# to nothing if it has none yet; creates nothing. Needs absent-folder.sh and home-of.sh. Reads: directory, configured (`state` of the target in the config,
# may be empty).
# shellcheck disable=SC2034 # set by the caller; used by others: private

refuse() {
	printf 'refused\t%s\t%s\n' "$1" "$2" >&2
	exit 75
}

# state_at_home UID: prints the folder for runs that cannot be kept beside the deployment; nothing for a user without a home.
state_at_home() {
	home=$(home_of "$1")
	[ "$1" != "$(id -u)" ] || home=${home:-${HOME:-}}
	[ -z "$home" ] || printf '%s\n' "${home%/}/.local/state/backout/$slug"
}

# find_at_home: finds the folder in the home of the deployment's owner, or of this user.
find_at_home() {
	for uid in $(stat -c %u -- "$real" 2>/dev/null) $(id -u); do
		at_home=$(state_at_home "$uid")
		[ -z "$at_home" ] || [ ! -d "$at_home" ] || {
			state=$at_home
			return
		}
	done
}

locate_state() {
	real=$(CDPATH='' cd -P -- "$directory" 2>/dev/null && pwd -P)
	# The deployment is inside the tool that manages it: use its path as it is, and a folder in the home of this user.
	if is_inside_a_tool "${directory%/}"; then real=${real:-${directory%/}} in_a_tool=1; else in_a_tool=; fi
	[ -n "$real" ] ||
		refuse "the directory $directory does not exist, or $(id -un) cannot read it" 'correct directory of this target in the config'
	slug=$(printf '%s' "${real#/}" | LC_ALL=C tr -c 'A-Za-z0-9._' '-' | tail -c 80)
	slug=$slug-$(printf '%s' "$real" | cksum | cut -d ' ' -f 1)
	central=/var/lib/backout/$slug
	beside=${real%/*}/.backout-${real##*/}
	[ -z "$in_a_tool" ] || [ -e "$beside" ] || beside=${HOME:-/root}/.local/state/backout/$slug
	if [ -n "$configured" ]; then
		state=$configured
		[ -e "$state" ] || state=
	elif [ -e "$central" ]; then
		state=$central
	elif [ -e "$beside" ]; then
		state=$beside
	else
		state=
		[ -n "$in_a_tool" ] || find_at_home
	fi
	[ -z "$state" ] || check_state
}

# is_read_only PATH: succeeds if its file system is mounted read-only, as the kernel does after an error of the disk. Nobody may write there,
# and what it has can still be read.
is_read_only() { case $(LC_ALL=C touch -c -- "$1" 2>&1) in *'Read-only file system'*) return 0 ;; *) return 1 ;; esac }

refuse_read_only() {
	refuse "the file system of $1 is read-only" 'dmesg says why: mostly an error of the disk. `mount -o remount,rw` with its mount point (df) makes it writable again'
}

# check_state: refuses a folder that another user could have put there, as its scripts would be run.
check_state() {
	[ -d "$state" ] || refuse "$state is not a folder" 'set state of this target in the config'
	[ ! -L "$state" ] || [ -n "$configured" ] ||
		refuse "$state is a symbolic link" 'set state of this target in the config to the folder meant'
	# shellcheck disable=SC2046 # splits it into two words
	set -- $(stat -L -c '%u %a' -- "$state")
	uid=$1 mode=$2
	[ -n "$mode" ] || refuse "$state cannot be read" 'check it on the host'
	case $uid in
		0 | "$(id -u)" | "$(stat -c %u -- "$real" 2>/dev/null)") ;;
		*) refuse "$state belongs to user $uid, who is neither root nor the owner of $real" "look into it; then: sudo chown $(stat -c %u:%g -- "$real") '$state'" ;;
	esac
	case $mode in
		*[2367]) refuse "$state can be written by everybody" "sudo chmod o-rwx '$state'" ;;
	esac
	if ! { [ -r "$state" ] && [ -x "$state" ] && { [ -w "$state" ] || is_read_only "$state"; }; }; then
		case $mode in
			*7?) refuse "$(id -un) may not use $state, where the runs of $real are kept" "sudo usermod -aG $(stat -L -c %G -- "$state") $(id -un)  (then reconnect), or connect as $(stat -L -c %U -- "$state")" ;;
			*) refuse "$(id -un) may not use $state, where the runs of $real are kept" "connect as $(stat -L -c %U -- "$state") or root" ;;
		esac
	fi
	# Files get the folder's permissions: for its group, or for its owner alone; never for others.
	case $mode in *7?) private=007 ;; *) private=077 ;; esac
}
