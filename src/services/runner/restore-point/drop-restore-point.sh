# shellcheck shell=sh
# drop_restore_point ID: deletes a restore point: its folder, its git refs (those in submodules, too), the containers that hold its images,
# and its image tags. What is left of it is added to `left`; fails when nothing was deleted, because an unfinished run is undoing or
# continuing that run. Needs git-as-owner.sh, the engine's drop_images, and the deployment's directory as current one. Reads: state.

# needed_runs: prints the runs whose restore point another run needs that undoes or continues them, has not succeeded, and so may be run
# again: a line each, ID and the other's id.
needed_runs() {
	for other in "$state"/runs/[0-9]*; do
		[ -d "$other" ] && [ ! -e "$other/pruned" ] || continue
		word=
		read -r word _ 2>/dev/null <"$other/result" || :
		[ "$word" != succeeded ] || continue
		{
			cat "$other/continues" 2>/dev/null
			sed -n -e "s|^from_dir='.*/runs/\([^/']*\)/restore'\$|\1|p" \
				-e "s/^\(from_run\|continued_run\|continued_origin\)='\([^']*\)'\$/\2/p" "$other/environment" 2>/dev/null
		} | sed "s|\$| ${other##*/}|"
	done
}

# needed_by ID: prints the run that needs this one, or nothing.
needed_by() {
	[ -n "${needed_list+set}" ] || needed_list=$(needed_runs)
	printf '%s\n' "$needed_list" | sed -n "s/^$1 //p" | head -n 1
}

drop_refs() {
	for ref in $(git -C "$1" for-each-ref --format='%(refname)' "refs/backout/$2/" 2>/dev/null); do
		git -C "$1" update-ref -d "$ref" || left="$left, $ref"
	done
}

drop_restore_point() {
	left=
	if [ -d "$state/runs/$1/restore" ]; then
		needed=$(needed_by "$1")
		if [ -n "$needed" ]; then
			left="all of it: run $needed goes back to it, and has not succeeded"
			return 1
		fi
		# A folder that is renamed first is never half a restore point.
		rm -rf "$state/runs/$1/restore.dropped"
		mv "$state/runs/$1/restore" "$state/runs/$1/restore.dropped" || {
			left="$state/runs/$1/restore"
			return 1
		}
	elif [ ! -d "$state/runs/$1/restore.dropped" ]; then
		# Otherwise a prune that was killed goes on here: refs and images may still be there.
		return 0
	fi
	drop_refs . "$1"
	if [ -s "$state/runs/$1/restore.dropped/submodules" ]; then
		top=$(git rev-parse --show-toplevel)
		while read -r _ submodule; do
			drop_refs "$top/$submodule" "$1"
		done <"$state/runs/$1/restore.dropped/submodules"
	fi
	drop_images "$1"
	rm -rf "$state/runs/$1/restore.dropped" || left="$left, $state/runs/$1/restore.dropped"
	left=${left#, }
}
