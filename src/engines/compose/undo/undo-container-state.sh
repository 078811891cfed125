# shellcheck shell=sh
# Compares the containers of the restore point with those of now. Changes nothing: used for the plan, and again under the lock. Needs
# deployment.sh, container-facts.sh and undo-state.sh, which says what it reads.

# look_at_facts: reads Docker's facts about the containers into facts_now, and into containers_now: a line per container,
# SERVICE|NUMBER|ID|STATE|HASH|NAME. Call it again after a container was created or removed. Ends the script when Docker does not answer:
# unknown is not the same as no difference.
look_at_facts() {
	tab=$(printf '\t')
	seen_now=$(facts_of_containers -i) || {
		echo 'Docker does not list the containers and their settings: their state is unknown'
		exit 1
	}
	containers_now=$(printf '%s\n' "$seen_now" | sed -n "s#^\([^$tab]*\)${tab}id$tab\([^ ]*\) \([^ ]*\) \([^ ]*\) /*#\1|\2|\3|\4|#p")
	facts_now=$(printf '%s\n' "$seen_now" | grep -v "^[^$tab]*${tab}id$tab") || :
}

# of_container SERVICE NUMBER FIELD: prints a field: 3 its id, 4 Docker's state, 5 the hash of its configuration; nothing if there is no
# such container.
of_container() { printf '%s\n' "$containers_now" | grep -F -e "$1|$2|" | grep "^$1|$2|" | head -n 1 | cut -d '|' -f "$3"; }

# container_of SERVICE NUMBER: prints its id, or nothing.
container_of() { of_container "$1" "$2" 3; }

# as_state: a container that is up or about to be counts as running; otherwise it is stopped.
as_state() {
	case $1 in
		running | restarting | paused) echo running ;;
		*) echo stopped ;;
	esac
}

# state_of ID: prints its current state. Fails when Docker does not say.
state_of() {
	state=$(engine inspect --format '{{.State.Status}}' "$1") || return 1
	as_state "$state"
}

# facts_that_differ SERVICE NUMBER: prints the aspects in which a container differs from its kept facts; with the names of variables, mounts
# and so on, and without values. Reads: facts_now. Prints nothing for restore points without facts.
facts_that_differ() {
	[ -s "$from_dir/container-facts" ] || return 0
	tab=$(printf '\t')
	facts_then=$(sed -n "s#^$1|$2$tab##p" "$from_dir/container-facts")
	# Earlier versions did not save these.
	unsaved=$(printf '%s\n' "$facts_then" | grep -q "^aliases$tab" || echo "/^aliases$tab/d; /^addresses$tab/d")
	for list in "$facts_then" "$(printf '%s\n' "$facts_now" | sed -n "s#^$1|$2$tab##p" | sed "$unsaved")"; do
		printf '%s\n' "$list" | sort -u
	done | sort | uniq -u | sed "s#^\(environment\)$tab\"\([^=]*\)=.*#\1 \2#; s#^\(label\)$tab\([^=]*\)=.*#\1 \2#; s#^\(mount\|port\|network\)$tab\([^ ]*\).*#\1 \2#; s#$tab.*##" |
		awk '!seen[$0]++'
}

# uses_then SERVICE NUMBER: prints the services whose network, processes, memory or volumes the kept container used, one per line.
uses_then() {
	[ -s "$from_dir/container-facts" ] || return 0
	tab=$(printf '\t')
	sed -n "s#^$1|$2${tab}[a-z]* mode${tab}service:\([^:]*\).*#\1#p" "$from_dir/container-facts" | sort -u
}

# is_past_starting SERVICE NUMBER: succeeds if the saved container used the network, processes or memory of one that did not run or was
# gone: such a container runs only until it is stopped, and one that is created like it cannot be started. The plan warns of it before
# the run, for networks, from the containers and the Compose files (pastStarting in comparison.ts).
is_past_starting() {
	used=$(sed -n "s#^$1|$2${tab}\(network\|ipc\|pid\) mode$tab\(container\|service\):\([^:]*\).*#\2 \3#p" "$from_dir/container-facts" 2>/dev/null)
	printf '%s\n' "$used" | while read -r kind name; do
		case $kind in
			container) engine inspect --type container "$name" >/dev/null 2>&1 || echo gone ;;
			service) printf '%s\n' "$from_containers" | grep -q "^$name|[0-9]*|running|" || echo stopped ;;
		esac
	done | grep -q .
}

# hash_counts SERVICE NUMBER: fails if the hash cannot be compared. Compose includes the id of a container that another one uses in the
# other's hash. If the first was recreated, equal settings have another hash, and only the facts show what differs.
hash_counts() {
	for used in $(uses_then "$1" "$2"); do
		for used_id in $(printf '%s\n' "$containers_now" | grep "^$used|" | cut -d '|' -f 3); do
			grep -qxF -e "$used_id" "$from_dir/containers" 2>/dev/null || return 1
		done
	done
}

# why_recreate ID IMAGE HASH SERVICE NUMBER: prints why the container is not the kept one; nothing when it is. A different restart policy
# and being held (hold.sh) are no reasons: both are changed in place. Needs look_at_facts.
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

# was_held and is_held SERVICE NUMBER: succeed if hold.sh kept the container stopped at the time of the restore point, or does now.
was_held() { grep -q "^$1|$2${tab}network${tab}held-by-backout\$" "$from_dir/container-facts" 2>/dev/null; }
is_held() { printf '%s\n' "$facts_now" | grep -q "^$1|$2${tab}network${tab}held-by-backout\$"; }

# was_paused SERVICE NUMBER: succeeds if somebody had paused the container of then.
was_paused() { grep -q "^$1|$2 paused " "$from_dir/states" 2>/dev/null; }

policy_differs() { facts_that_differ "$1" "$2" | grep -qx 'restart policy'; }

# name_differs SERVICE NUMBER NAME: succeeds if the container does not have the name of then. One that was recreated by half had no name of its
# own (OLD-ID_NAME).
name_differs() {
	case $3 in '' | [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]_*) return 1 ;; esac
	is_called=$(of_container "$1" "$2" 6)
	[ -n "$is_called" ] && [ "$is_called" != "$3" ]
}

# containers_since: prints the containers that were created since: STATE SERVICE NUMBER ID NAME. Needs look_at_facts.
containers_since() {
	printf '%s\n' "$containers_now" | while IFS='|' read -r service number id state _ name; do
		[ -z "$id" ] || printf '%s\n' "$from_containers" | grep -qF -e "$service|$number|" || echo "$state $service $number $id $name"
	done
}

# names_that_differ: prints image names that mean another image now: ID NAME, the id at the time of the restore point, or none. Fails when
# Docker does not say.
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
