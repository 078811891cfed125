# shellcheck shell=sh
# create_state: creates the state folder if there is none, with the owner and group of the deployment's directory where that is allowed;
# mode 0700, or 2770 if the directory's group may write to it. Without root, and if nothing may be created beside the deployment, it is in
# the home of this user. Needs locate-state.sh.

create_state() {
	[ -z "$state" ] || return 0
	own_as_directory
	if [ -n "$configured" ]; then
		make_state "$configured"
	elif [ "$(id -u)" = 0 ]; then
		(
			umask 022
			mkdir -p /var/lib/backout
		) 2>/dev/null
		make_state "$central" || make_state "$beside"
	else
		make_state "$beside" || make_state "$(state_at_home "$(id -u)")"
	fi
	[ -n "$state" ] || refuse_to_create
	check_state
}

own_as_directory() {
	owner=$(stat -c %u:%g -- "$real" 2>/dev/null) || owner=$(id -u):$(id -g)
	permissions=$(stat -c %a -- "$real" 2>/dev/null) || permissions=700
	case $permissions in *[2367]?) folder_mode=2770 ;; *) folder_mode=0700 ;; esac
}

refuse_to_create() {
	if [ "$(id -u)" = 0 ]; then place=$central; else place=$beside; fi
	can_be_created "${configured:-$place}" || ! is_read_only "$above" || refuse_read_only "$above"
	refuse "$(id -un) cannot create a folder for the runs of $real" \
		"sudo install -d -m 755 /var/lib/backout && sudo install -d -m $folder_mode -o ${owner%:*} -g ${owner#*:} '${configured:-$central}'"
}

# state_can_be_created: checks the folders that create_state would use, without creating one.
state_can_be_created() {
	if [ -n "$configured" ]; then
		can_be_created "$configured"
	else
		{ [ "$(id -u)" = 0 ] && can_be_created "$central"; } || can_be_created "$beside" ||
			{ [ "$(id -u)" != 0 ] && can_be_created "$(state_at_home "$(id -u)")"; }
	fi
}

can_be_created() {
	case $1 in /*) above=$1 ;; *) return 1 ;; esac
	while [ ! -e "$above" ]; do
		above=${above%/*}
		above=${above:-/}
	done
	[ -d "$above" ] && [ -w "$above" ] && [ -x "$above" ]
}

make_state() {
	[ -n "$1" ] || return 1
	# Other users, above all the deployment's owner, must be able to pass through the folders above it.
	(
		umask 022
		mkdir -p -- "${1%/*}/"
	) 2>/dev/null
	(
		umask 077
		mkdir -- "$1"
	) 2>/dev/null || [ -d "$1" ] || return 1
	chown -- "$owner" "$1" 2>/dev/null || chgrp -- "${owner#*:}" "$1" 2>/dev/null
	# After chown, which clears the set-group-ID bit.
	chmod -- "$folder_mode" "$1" 2>/dev/null
	printf '%s\n' "$real" 2>/dev/null >"$1/directory"
	chown -- "$owner" "$1/directory" 2>/dev/null
	state=$1
}
