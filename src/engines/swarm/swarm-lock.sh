# shellcheck shell=sh
# The shared lock of a stack. The lock, the records and the restore point of a run are on the manager on which it was started; so that
# operators on two managers exclude each other too, a run that changes the stack creates a config object in the swarm, whose name the
# managers give once only, and deletes it at its end. A lock whose manager is away stays until that manager is back, or a person deletes it.
# Needs json.sh and swarm.sh. Reads: stack.

# shared_lock_name: prints the name of the config object. At most 64 characters, and it ends with a letter.
shared_lock_name() {
	of_stack >/dev/null || return
	lock_name=backout-$stack-lock
	[ "${#lock_name}" -le 64 ] || lock_name=backout-$(sum_of "$stack")-lock
	echo "$lock_name"
}

# shared_lock: prints the lock: ID, RUN, NODE ID, START (ms), STATE FOLDER and who and why (JSON in base64), separated by tabs; nothing while it
# is free. Fails when the engine does not say.
shared_lock() {
	lock_name=$(shared_lock_name) && locks=$(api GET "/configs?filters=%7B%22name%22%3A%5B%22$lock_name%22%5D%7D") || return
	# The filter takes names that begin like this one.
	printf '%s\n' "$locks" | json_rows Spec.Name ID Spec.Labels Spec.Data | awk -F '\t' -v name="$lock_name" '$1 == name' | while IFS='	' read -r _ lock_id labels data; do
		printf '%s\t%s\t%s\n' "$lock_id" "$(printf '%s\n' "$labels" | json_row run node since state)" "$data"
	done
}

# say_shared_holder ROW HERE: prints who has the lock: RUN, START, NODE and `heard` or `unheard`; who and why; what to do.
say_shared_holder() {
	lock_run=$(printf '%s\n' "$1" | cut -f 2) lock_node=$(printf '%s\n' "$1" | cut -f 3)
	lock_nodes=$(node_rows) || lock_nodes=
	lock_host=$(printf '%s\n' "$lock_nodes" | awk -F '\t' -v id="$lock_node" '$2 == id { print $1 "\t" ($3 == "ready" ? "heard" : "unheard") }')
	lock_host=${lock_host:-"$lock_node	unheard"}
	printf '%s %s %s %s\n' "$lock_run" "$(printf '%s\n' "$1" | cut -f 4)" "${lock_host%%	*}" "${lock_host#*	}"
	printf '%s\n' "$1" | cut -f 6 | base64 -d 2>/dev/null | head -n 1
	if [ "$lock_node" = "$2" ]; then
		echo "the records of run $lock_run are in $(printf '%s\n' "$1" | cut -f 5) on this host: give both configs the same state"
	else
		echo "attach to it with ${lock_host%%	*} as the host. If that is gone for good, and nothing of that run goes on: \`backout unlock $lock_run\`"
	fi
}

# take_shared_lock RUN START STATE ABOUT: takes the lock for a run on this manager, with a file that says who and why. Exits 3 and says who has it
# when another has (say_shared_holder); 1, with the reason, when the engine does not say. Called under the lock of this host, so a run of
# the same state folder that has the shared one is dead, and its lock is replaced.
take_shared_lock() {
	here=$(api GET /info | json_row Swarm.NodeID) || here=
	case $here in '' | -)
		echo 'Docker does not say which node of the swarm this host is'
		return 1
		;;
	esac
	lock_name=$(shared_lock_name) || return
	printf '{"Name":%s,"Labels":{"run":%s,"node":%s,"since":%s,"state":%s},"Data":"%s"}\n' "$(json_text "$lock_name")" "$(json_text "$1")" \
		"$(json_text "$here")" "$(json_text "$2")" "$(json_text "$3")" "$(base64 <"$4" | tr -d '\n')" >shared-lock.json || return
	lock_tries=0
	until said=$(api POST /configs/create shared-lock.json 2>&1); do
		lock_tries=$((lock_tries + 1))
		case $said in *'already exists'* | *conflict*) ;; *) lock_tries=9 ;; esac
		[ "$lock_tries" -lt 5 ] || {
			echo "the managers do not give the shared lock of $stack: $said"
			return 1
		}
		row=$(shared_lock) || continue
		[ -n "$row" ] || continue
		[ "$(printf '%s\n' "$row" | cut -f 2)" != "$1" ] || break
		if [ "$(printf '%s\n' "$row" | cut -f 3,5)" != "$here	$3" ]; then
			say_shared_holder "$row" "$here"
			return 3
		fi
		api DELETE "/configs/$(printf '%s\n' "$row" | cut -f 1)" >/dev/null
	done
	: >shared-lock.taken
}

# lock_is_ours: succeeds while this run has the shared lock that it took at its start, and for one that took none. A run whose manager was away
# for long may find that somebody has given it up (`backout unlock`), and another run changes the stack. Reads: run_facts, in the run's folder.
lock_is_ours() {
	lock_folder=${run_facts:-}
	lock_folder=${lock_folder%/facts}
	[ -n "$lock_folder" ] && [ -e "$lock_folder/shared-lock.taken" ] || return 0
	lock_row=$(shared_lock) || return
	[ "$(printf '%s\n' "$lock_row" | cut -f 2)" = "${lock_folder##*/}" ] || {
		echo 'somebody has given up the lock of this run, which changes nothing more'
		return 1
	}
}

# free_shared_lock RUN: deletes the lock if this run has it; tries again while the managers elect a leader. Fails, with the reason.
free_shared_lock() {
	lock_tries=0
	until row=$(shared_lock 2>&1) && {
		[ -n "$row" ] && [ "$(printf '%s\n' "$row" | cut -f 2)" = "$1" ] || return 0
		row=$(api DELETE "/configs/$(printf '%s\n' "$row" | cut -f 1)" 2>&1)
	}; do
		lock_tries=$((lock_tries + 1))
		[ "$lock_tries" -lt 5 ] || {
			echo "the shared lock of $stack is still there, and the next run on this host replaces it: $row"
			return 1
		}
		sleep 2
	done
}
