# shellcheck shell=sh
# created_since: prints the networks and volumes of the project that were created after the restore point, one per line: KIND NAME. Prints
# nothing for a restore point without a list of them. Fails when Docker does not answer. Needs networks-and-volumes.sh.
created_since() {
	[ -f "$from_dir/networks-and-volumes" ] || return 0
	there=$(networks_and_volumes) || return 1
	if [ -s "$from_dir/networks-and-volumes" ]; then
		printf '%s\n' "$there" | grep -vxF -f "$from_dir/networks-and-volumes" || :
	else
		printf '%s\n' "$there" | grep . || :
	fi
}
