# shellcheck shell=sh
# What an undo has to know of then and of now. Only looks: for the plan, and again under the lock.
# Needs git-as-owner.sh, deployment.sh, container-facts.sh and paths-at-stake.sh. Reads, of the restore point: from_run,
# from_dir (its folder), from_commit, from_branch (empty: detached), from_changes (commit of the local changes, empty:
# none), from_containers (a line a container: service|number|running or stopped|image id|image name|config hash|name|with or
# without dependencies, see undo-services.sh).
# project, compose_files and the like are those of then.

short() { printf '%s' "${1#sha256:}" | cut -c 1-12; }

# Keeps what Docker says of the containers for all later questions, in facts_now, and in containers_now: a line a container,
# SERVICE|NUMBER|ID|STATE|HASH|NAME. It has to be asked again after a container was made or removed. Ends the script where
# Docker does not say it: what is not known is not the same as no difference.
look_at_facts() {
	tab=$(printf '\t')
	seen_now=$(facts_of_containers -i) || {
		echo 'Docker does not list the containers and their settings: their state is unknown'
		exit 1
	}
	containers_now=$(printf '%s\n' "$seen_now" | sed -n "s#^\([^$tab]*\)${tab}id$tab\([^ ]*\) \([^ ]*\) \([^ ]*\) /*#\1|\2|\3|\4|#p")
	facts_now=$(printf '%s\n' "$seen_now" | grep -v "^[^$tab]*${tab}id$tab") || :
}

# of_container SERVICE NUMBER FIELD: 3 its id, 4 Docker's state, 5 the hash of its configuration; nothing where there is none.
of_container() { printf '%s\n' "$containers_now" | grep -F -e "$1|$2|" | grep "^$1|$2|" | head -n 1 | cut -d '|' -f "$3"; }

# container_of SERVICE NUMBER: its id, or nothing.
container_of() { of_container "$1" "$2" 3; }

# As running counts what is up or about to be; otherwise it is stopped.
as_state() {
	case $1 in
		running | restarting | paused) echo running ;;
		*) echo stopped ;;
	esac
}

# state_of ID: as it is at this moment. Fails when Docker does not say.
state_of() {
	state=$(engine inspect --format '{{.State.Status}}' "$1") || return 1
	as_state "$state"
}

# The aspects in which a container, SERVICE NUMBER, differs from the facts that were kept of it; with the names of variables,
# mounts and so on, and without values. Reads: facts_now. Of restore points without facts: nothing.
facts_that_differ() {
	[ -s "$from_dir/container-facts" ] || return 0
	tab=$(printf '\t')
	for list in "$(sed -n "s#^$1|$2$tab##p" "$from_dir/container-facts")" "$(printf '%s\n' "$facts_now" | sed -n "s#^$1|$2$tab##p")"; do
		printf '%s\n' "$list" | sort -u
	done | sort | uniq -u | sed "s#^\(environment\)$tab\"\([^=]*\)=.*#\1 \2#; s#^\(label\)$tab\([^=]*\)=.*#\1 \2#; s#^\(mount\|port\|network\)$tab\([^ ]*\).*#\1 \2#; s#$tab.*##" |
		awk '!seen[$0]++'
}

# uses_then SERVICE NUMBER: the services whose network, processes, memory or volumes the container of then used, a line each.
uses_then() {
	[ -s "$from_dir/container-facts" ] || return 0
	tab=$(printf '\t')
	sed -n "s#^$1|$2${tab}[a-z]* mode${tab}service:\([^:]*\).*#\1#p" "$from_dir/container-facts" | sort -u
}

# hash_counts SERVICE NUMBER: Compose counts the id of a container that is used by another into the hash of the other. Where
# that one was made again, equal settings have another hash, and the facts alone say what differs.
hash_counts() {
	for used in $(uses_then "$1" "$2"); do
		for used_id in $(printf '%s\n' "$containers_now" | grep "^$used|" | cut -d '|' -f 3); do
			grep -qxF -e "$used_id" "$from_dir/containers" 2>/dev/null || return 1
		done
	done
}

# why_recreate ID IMAGE HASH SERVICE NUMBER: why the container is not the one of then; nothing when it is. A restart
# policy is no reason, nor is that it is held (hold.sh): both are changed in place. Needs look_at_facts.
why_recreate() {
	[ -n "$1" ] || {
		echo 'it has no container'
		return
	}
	tab=$(printf '\t')
	image_now=$(printf '%s\n' "$facts_now" | sed -n "s#^$4|$5${tab}image$tab##p" | head -n 1)
	[ "$image_now" = "$2" ] || {
		echo "image $(short "$image_now") runs; before it was $(short "$2")"
		return
	}
	if [ "$(of_container "$4" "$5" 5)" != "${3:--}" ] && hash_counts "$4" "$5"; then
		echo 'its configuration was different'
		return
	fi
	differ=$(facts_that_differ "$4" "$5" | grep -v '^restart policy$\|^network held-by-backout$' | tr '\n' ',' | sed 's/,$//; s/,/, /g')
	[ -z "$differ" ] || echo "differs in $differ"
}

policy_then() {
	[ -s "$from_dir/container-facts" ] || return 0
	tab=$(printf '\t')
	said=$(sed -n "s#^$1|$2${tab}restart policy$tab##p" "$from_dir/container-facts")
	case $said in
		on-failure:0) printf 'on-failure' ;;
		on-failure:*) printf '%s' "$said" ;;
		*) printf '%s' "${said%%:*}" ;;
	esac
}

# was_held and is_held SERVICE NUMBER: whether hold.sh kept the container stopped then, or does now.
was_held() { grep -q "^$1|$2${tab}network${tab}held-by-backout\$" "$from_dir/container-facts" 2>/dev/null; }
is_held() { printf '%s\n' "$facts_now" | grep -q "^$1|$2${tab}network${tab}held-by-backout\$"; }

policy_differs() { facts_that_differ "$1" "$2" | grep -qx 'restart policy'; }

# Containers of now that were not there then: STATE SERVICE NUMBER ID NAME. Needs look_at_facts.
containers_since() {
	printf '%s\n' "$containers_now" | while IFS='|' read -r service number id state _ name; do
		[ -z "$id" ] || printf '%s\n' "$from_containers" | grep -qF -e "$service|$number|" || echo "$state $service $number $id $name"
	done
}

# What a file is now, as git would keep it; "none" when it is not there.
blob_now() {
	if [ -L "$1" ]; then
		printf '%s' "$(readlink -- "$1")" | git hash-object --stdin
	elif [ -f "$1" ]; then
		git hash-object -- "$1"
	else
		echo none
	fi
}

# What was changed locally then, a line each: "same", "gone" (now as committed) or "other", and the path from the top.
then_changes() {
	[ -n "$from_changes" ] || return 0
	(
		cd "$(git rev-parse --show-toplevel)" || exit
		git diff --name-only --no-renames -z "$from_commit" "$from_changes" -- | tr '\0' '\n' | while IFS= read -r path; do
			now=$(blob_now "$path")
			if [ "$now" = "$(git rev-parse -q --verify "$from_changes:$path" || echo none)" ]; then
				echo "same $path"
			elif [ "$now" = "$(git rev-parse -q --verify "$from_commit:$path" || echo none)" ] ||
				[ "$now" = "$(git rev-parse -q --verify "HEAD:$path" || echo none)" ]; then
				echo "gone $path"
			else
				echo "other $path"
			fi
		done
	)
}

# mode_then PATH: mode and owner (1000:1000) that were noted, or nothing.
mode_then() {
	[ -f "$from_dir/file-modes" ] || return 0
	while read -r mode owner name; do
		[ "$name" != "$1" ] || echo "$mode $owner"
	done <"$from_dir/file-modes" | tail -n 1
}

# Whether a kept file, at PATH, is there as it was: content, or where the link leads, and mode; the owner for root only.
is_as_kept() {
	kept_copy=$from_dir/files$1
	if [ -L "$kept_copy" ]; then
		[ -L "$1" ] && [ "$(readlink -- "$1")" = "$(readlink -- "$kept_copy")" ]
		return
	fi
	[ ! -L "$1" ] && cmp -s -- "$kept_copy" "$1" || return 1
	noted=$(mode_then "$1")
	[ -z "$noted" ] || [ "$noted" = "$(stat -c '%a %u:%g' -- "$1")" ] ||
		{ [ "$(id -u)" != 0 ] && [ "${noted%% *}" = "$(stat -c %a -- "$1")" ]; }
}

# The paths of the kept files and links that differ now.
files_that_differ() {
	[ -d "$from_dir/files" ] || return 0
	find "$from_dir/files" ! -type d | sort | while IFS= read -r kept; do
		is_as_kept "${kept#"$from_dir/files"}" || printf '%s\n' "${kept#"$from_dir/files"}"
	done
}

# Kept folders, which were empty or in a file's place, that are not there now.
folders_gone() {
	[ -f "$from_dir/file-modes" ] || return 0
	while read -r _ _ path; do
		[ -d "$from_dir/files$path" ] && [ ! -L "$from_dir/files$path" ] && [ ! -d "$path" ] && printf '%s\n' "$path"
	done <"$from_dir/file-modes"
	return 0
}

# What was not there then and is there now.
files_since() {
	[ -f "$from_dir/files-absent" ] || return 0
	sort -u "$from_dir/files-absent" | while IFS= read -r path; do
		if [ -f "$path" ] || [ -L "$path" ]; then printf '%s\n' "$path"; fi
	done
}

# Image names that mean another image now: ID NAME, the id of then, or none. Fails when Docker does not say.
names_that_differ() {
	[ -f "$from_dir/image-names" ] || return 0
	while read -r id name; do
		now=$(image_named "$name") || {
			echo "Docker does not say which image $name is" >&2
			return 1
		}
		[ "$now" = "$id" ] || printf '%s %s\n' "$id" "$name"
	done <"$from_dir/image-names"
}

# Submodules at another commit: COMMIT PATH.
submodules_that_differ() {
	[ -s "$from_dir/submodules" ] || return 0
	top=$(git rev-parse --show-toplevel)
	while read -r head path; do
		[ "$(git -C "$top/$path" rev-parse HEAD 2>/dev/null)" = "$head" ] || printf '%s %s\n' "$head" "$path"
	done <"$from_dir/submodules"
}
