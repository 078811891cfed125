# shellcheck shell=sh
# give_up_shared_lock RUN: deletes the shared lock of a run whose manager is gone for good, for whoever knows that nothing of that run goes on.
# Refuses while another run has the lock, and while the managers hear from its node, which can tell how that run is. Needs json.sh, swarm.sh and
# swarm-lock.sh.

refuse_lock() {
	printf 'refused\t%s\t%s\n' "$1" "$2" >&2
	exit 75
}

give_up_shared_lock() {
	row=$(shared_lock) && rows=$(node_rows) || exit
	[ -n "$row" ] && [ "$(printf '%s\n' "$row" | cut -f 2)" = "$1" ] ||
		refuse_lock "run $1 does not have the lock any more" 'nothing was changed'
	node=$(printf '%s\n' "$rows" | awk -F '\t' -v id="$(printf '%s\n' "$row" | cut -f 3)" '$2 == id && $3 == "ready" { print $1 }')
	[ -z "$node" ] || refuse_lock "the managers hear from $node, which knows the state of run $1" "nothing was changed; ask $node"
	api DELETE "/configs/$(printf '%s\n' "$row" | cut -f 1)" >/dev/null
}
