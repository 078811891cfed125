# shellcheck shell=sh
# Occupies the place in which a start builds its run. A later start finds it occupied and starts nothing; a start in progress already has
# it, and is waited for. Prints: there, withdrawn, under-way. Needs locate-state.sh, create-state.sh. Reads: id.

locate_state
create_state
umask "$private"
mkdir -p "$state/runs" 2>/dev/null || refuse "$state/runs cannot be made" "is there room? df -h '$state'"
cd "$state/runs" || refuse "$state/runs may not be used by $(id -un)" "ls -ld '$state/runs'"
there() { [ ! -d "$id" ] || {
	echo there
	exit 0
}; }
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	there
	if mkdir ".$id" 2>/dev/null; then
		# The start may have moved it meanwhile.
		[ ! -d "$id" ] || rmdir ".$id"
		there
		echo withdrawn
		exit 0
	fi
	sleep 0.2 2>/dev/null || sleep 1
done
echo under-way
