import absentFolder from './absent-folder.sh';

/** Where a deployment keeps its runs: found from the deployment's directory, or as the config says. */
export interface StateOptions {
	/** The deployment's directory on the host, absolute. */
	readonly directory: string;
	/** `target.state` of the config: the folder itself, absolute. */
	readonly state?: string;
}

/** The variables that `locateState` and `createState` read. */
export const stateValues = (options: StateOptions): Record<string, string> => ({
	directory: options.directory,
	configured: options.state ?? '',
});

/**
 * POSIX sh: `refuse MESSAGE NEXT` ends the program; the caller makes a BackoutError `refused` of it. `locate_state`
 * sets `state` to the deployment's state folder, or to nothing when it has none yet; it creates nothing.
 *
 * All users have to find the same folder, so it depends only on the directory's real path and on what exists:
 * what the config says, /var/lib/backout/SLUG, then .backout-NAME beside the directory (never in it, where
 * `git clean` and deployments come by). The slug ends in the path's CRC, for a-b/c and a/b-c would be one otherwise.
 */
export const locateState = `${absentFolder}
refuse() { printf 'refused\\t%s\\t%s\\n' "$1" "$2" >&2; exit 75; }

locate_state() {
	real=$(CDPATH='' cd -P -- "$directory" 2>/dev/null && pwd -P)
	if [ -z "$real" ] && is_inside_a_tool "\${directory%/}"; then real=\${directory%/} in_a_tool=1; else in_a_tool=; fi
	[ -n "$real" ] ||
		refuse "the directory $directory is not there, or not open to $(id -un)" 'correct directory of this target in the config'
	slug=$(printf '%s' "\${real#/}" | LC_ALL=C tr -c 'A-Za-z0-9._' '-' | tail -c 80)
	slug=$slug-$(printf '%s' "$real" | cksum | cut -d ' ' -f 1)
	central=/var/lib/backout/$slug
	beside=\${real%/*}/.backout-\${real##*/}
	[ -z "$in_a_tool" ] || beside=\${HOME:-/root}/.local/state/backout/$slug
	if [ -n "$configured" ]; then
		state=$configured
		[ -e "$state" ] || state=
	elif [ -e "$central" ]; then
		state=$central
	elif [ -e "$beside" ]; then
		state=$beside
	else
		state=
	fi
	[ -z "$state" ] || check_state
}

# A folder that somebody else could have put there is not believed: its scripts would be run.
check_state() {
	[ -d "$state" ] || refuse "$state is not a folder" 'set state of this target in the config'
	[ ! -L "$state" ] || [ -n "$configured" ] ||
		refuse "$state is a symbolic link" 'set state of this target in the config to the folder meant'
	# shellcheck disable=SC2046 # two words are meant
	set -- $(stat -L -c '%u %a' -- "$state")
	uid=$1 mode=$2
	[ -n "$mode" ] || refuse "$state cannot be read" 'look at it on the host'
	case $uid in
		0 | "$(id -u)" | "$(stat -c %u -- "$real" 2>/dev/null)") ;;
		*) refuse "$state belongs to user $uid, who is neither root nor the owner of $real" "look into it; then: sudo chown $(stat -c %u:%g -- "$real") '$state'" ;;
	esac
	case $mode in
		*[2367]) refuse "$state can be written by everybody" "sudo chmod o-rwx '$state'" ;;
	esac
	if ! { [ -r "$state" ] && [ -w "$state" ] && [ -x "$state" ]; }; then
		case $mode in
			*7?) refuse "$(id -un) may not use $state, where the runs of $real are kept" "sudo usermod -aG $(stat -L -c %G -- "$state") $(id -un)  (then connect anew), or connect as $(stat -L -c %U -- "$state")" ;;
			*) refuse "$(id -un) may not use $state, where the runs of $real are kept" "connect as $(stat -L -c %U -- "$state") or root" ;;
		esac
	fi
	# Files follow the folder: open to its group, or to its owner alone; never to others.
	case $mode in *7?) private=007 ;; *) private=077 ;; esac
}
`;

/**
 * POSIX sh: `create_state` makes the folder when there is none: owner and group of the deployment's directory where
 * that is allowed, mode 0700, or 2770 when the directory can be written by its group.
 */
export const createState = `
create_state() {
	[ -z "$state" ] || return 0
	own_as_directory
	if [ -n "$configured" ]; then
		make_state "$configured"
	elif [ "$(id -u)" = 0 ]; then
		(umask 022; mkdir -p /var/lib/backout) 2>/dev/null
		make_state "$central" || make_state "$beside"
	else
		make_state "$beside"
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
	refuse "$(id -un) may not create a folder for the runs of $real" \\
		"sudo install -d -m 755 /var/lib/backout && sudo install -d -m $folder_mode -o \${owner%:*} -g \${owner#*:} '\${configured:-$central}'"
}

# The folders that are looked for by create_state, without making one.
state_can_be_created() {
	if [ -n "$configured" ]; then
		can_be_created "$configured"
	else
		{ [ "$(id -u)" = 0 ] && can_be_created "$central"; } || can_be_created "$beside"
	fi
}

can_be_created() {
	case $1 in /*) above=$1 ;; *) return 1 ;; esac
	while [ ! -e "$above" ]; do
		above=\${above%/*}
		above=\${above:-/}
	done
	[ -d "$above" ] && [ -w "$above" ] && [ -x "$above" ]
}

make_state() {
	(umask 077; mkdir -p -- "\${1%/*}/" && mkdir -- "$1") 2>/dev/null || [ -d "$1" ] || return 1
	chown -- "$owner" "$1" 2>/dev/null || chgrp -- "\${owner#*:}" "$1" 2>/dev/null
	# After chown, which clears the set-group-id bit.
	chmod -- "$folder_mode" "$1" 2>/dev/null
	printf '%s\\n' "$real" 2>/dev/null >"$1/directory"
	state=$1
}
`;
