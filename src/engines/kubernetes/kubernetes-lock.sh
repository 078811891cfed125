# shellcheck shell=sh
# The shared lock of a deployment: a Lease of its namespace (coordination.k8s.io/v1), as the leaders of controllers hold one. The lock, the records
# and the restore point of a run are on the host on which it was started; so that operators on two hosts exclude each other too, a run that
# changes the deployment holds the Lease, whose versions the API server gives once only. A Lease that nobody holds stays, without a holder.
# Needs cluster.sh, json.sh, seconds-of.sh and kubernetes.sh. Reads: kube_namespace, kube_selector.

# A run renews its Lease this often, s; whoever has not for so long is not heard of any more.
lock_renewed=20
lock_lasts=90

# shared_lock_name: prints the name of the Lease.
shared_lock_name() {
	if [ -z "${kube_selector:-}" ]; then echo backout-lock; else echo "backout-lock-$(sum_of "$kube_selector")"; fi
}

# kept_state_id FOLDER: prints the id that is kept in a state folder. Fails when there is none.
kept_state_id() {
	kept_id=$(head -n 1 "$1/state-id" 2>/dev/null)
	case $kept_id in '' | *[!0-9a-f]*) return 1 ;; esac
	[ "${#kept_id}" = 32 ] && echo "$kept_id"
}

# make_state_id FOLDER: gives a state folder its id: made once, at random, and kept in the folder. So it goes with a volume to another pod or machine,
# and machines that were cloned differ. Whoever may use the folder may read it.
make_state_id() {
	! kept_state_id "$1" >/dev/null || return 0
	(
		umask 077
		made=$(mktemp "$1/.state-id.XXXXXX") || exit
		trap 'rm -f "$made"' EXIT
		trap 'exit 143' HUP INT PIPE TERM
		head -c 32 /dev/urandom | sha256sum | cut -c 1-32 >"$made"
		[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g "$1")" "$made"
		case $(stat -L -c %a "$1") in *7?) chmod 640 "$made" ;; esac
		# ln(1) lets one of two that begin at once win. What is there and no id, as after a power cut, is replaced.
		ln "$made" "$1/state-id" || kept_state_id "$1" || mv -f "$made" "$1/state-id"
	) >/dev/null 2>&1
}

# state_id FOLDER: prints the id of a state folder. Where none could be kept, one that only this host has, and only until it starts again.
state_id() { kept_state_id "$1" || sum_of "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || head -c 32 /dev/urandom | sha256sum) $(uname -n) $1"; }

# lock_rows: copies Leases, a JSON array, as lines: NAME, VERSION, RUN, STATE ID, HOST, START (ms), STATE FOLDER, who and why (JSON in base64), RENEWED,
# SELECTOR, separated by tabs. RUN is `-` where nobody holds it.
lock_rows() {
	json_rows metadata.name metadata.resourceVersion spec.holderIdentity metadata.annotations.backout/state-id metadata.annotations.backout/host \
		metadata.annotations.backout/since metadata.annotations.backout/state metadata.annotations.backout/about spec.renewTime metadata.annotations.backout/selector
}

# shared_lock [NAME]: prints the Lease as a line of lock_rows; nothing where there is none. Fails when the API server does not say.
# shellcheck disable=SC2120 # give-up-lock.sh passes a name
shared_lock() {
	lock_said=$(cluster_said get leases.coordination.k8s.io "${1:-"$(shared_lock_name)"}" --ignore-not-found -o json) || return
	[ -z "$lock_said" ] || printf '[%s]\n' "$lock_said" | lock_rows
}

# is_heard ROW: succeeds while whoever holds it has renewed it lately, by this host's clock.
is_heard() {
	heard=$(seconds_of "$(field "$1" 9)") || return
	[ "$(($(date +%s) - heard))" -lt "$lock_lasts" ]
}

# is_of_folder ROW FOLDER: succeeds if a run of this state folder has the lock. One that renews it, and is not in the folder, has it by a folder of
# which this is a copy.
is_of_folder() {
	[ "$(field "$1" 4)" = "$(state_id "$2")" ] || return
	[ -e "$2/runs/$(field "$1" 3)" ] || [ -e "$2/runs/.$(field "$1" 3)" ] || ! is_heard "$1"
}

# say_shared_holder ROW FOLDER: prints who has the lock, to a run of this state folder: RUN, START, HOST and `heard` or `unheard`; who and why; what
# to do.
say_shared_holder() {
	if is_heard "$1"; then heard=heard; else heard=unheard; fi
	printf '%s %s %s %s\n' "$(field "$1" 3)" "$(field "$1" 6)" "$(field "$1" 5)" "$heard"
	field "$1" 8 | base64 -d 2>/dev/null | head -n 1
	if [ "$(field "$1" 4)" = "$(state_id "$2")" ]; then
		echo "that run is not in $2, which has the id of its state folder: if $2 is a copy, delete $2/state-id; if not, start again in $lock_lasts s"
	elif [ "$(field "$1" 5)" = "$(uname -n)" ]; then
		echo "the records of run $(field "$1" 3) are in $(field "$1" 7) on $(field "$1" 5): give both configs the same state. If that folder is gone for good, and nothing of that run goes on: \`backout unlock $(field "$1" 3)\`"
	else
		echo "attach to it with $(field "$1" 5) as the host. If that is gone for good, and nothing of that run goes on: \`backout unlock $(field "$1" 3)\`"
	fi
}

# lock_time: prints the time as the API server takes it (MicroTime).
lock_time() { date -u +%Y-%m-%dT%H:%M:%S.000000Z; }

# lease_annotations START STATE ABOUT: prints the annotations of a Lease of a run on this host, as JSON.
lease_annotations() {
	printf '{"backout/state-id":%s,"backout/host":%s,"backout/since":%s,"backout/state":%s,"backout/selector":%s,"backout/about":"%s"}' "$(json_text "$(state_id "$2")")" \
		"$(json_text "$(uname -n)")" "$(json_text "$1")" "$(json_text "$2")" "$(json_text "${kube_selector:-}")" "$(base64 <"$3" | tr -d '\n')"
}

# lease_spec RUN: prints the specification of a Lease that this run holds, as JSON.
lease_spec() {
	printf '{"holderIdentity":%s,"leaseDurationSeconds":%s,"acquireTime":"%s","renewTime":"%s"}' "$(json_text "$1")" "$lock_lasts" "$(lock_time)" "$(lock_time)"
}

# patch_lease ROW OPERATIONS: changes the Lease by these operations of a JSON patch, unless somebody was faster.
patch_lease() {
	cluster_said patch leases.coordination.k8s.io "$(field "$1" 1)" --field-manager=backout --type=json -o name \
		-p "[{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":\"$(field "$1" 2)\"},$2]"
}

# release_lease ROW: leaves the Lease without a holder, unless somebody was faster.
release_lease() { patch_lease "$1" '{"op":"remove","path":"/spec/holderIdentity"}'; }

# hold_lease RUN START STATE ABOUT [ROW]: makes the Lease, or takes the one of this line, which nobody else holds. Works in the folder of a run, where
# `shared-lock.tried` says that there may be something to free.
hold_lease() {
	held_annotations=$(lease_annotations "$2" "$3" "$4") && held_spec=$(lease_spec "$1") && : >shared-lock.tried || return
	if [ -n "${5:-}" ]; then
		patch_lease "$5" "{\"op\":\"replace\",\"path\":\"/metadata/annotations\",\"value\":$held_annotations},{\"op\":\"replace\",\"path\":\"/spec\",\"value\":$held_spec}"
	else
		printf '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s","labels":{"app.kubernetes.io/managed-by":"backout"},"annotations":%s},"spec":%s}\n' \
			"$(shared_lock_name)" "$held_annotations" "$held_spec" >shared-lock.json
		cluster_said create --filename=shared-lock.json -o name
	fi
}

# was_faster ROW: succeeds if somebody has made or changed the Lease since this line, or since there was none.
was_faster() { newer=$(shared_lock 2>/dev/null) && [ "$(field "$newer" 2)" != "$(field "$1" 2)" ]; }

# no_leases REASON: succeeds if the API server says that this login may have no Leases, or that it knows none.
no_leases() { case $1 in *'is forbidden'* | *' cannot '*' resource '* | *'have a resource type'* | *'could not find the requested resource'*) ;; *) return 1 ;; esac }

# all_locks: prints the lines of all Leases of the namespace. Fails when the API server does not say.
all_locks() {
	lock_all=$(items leases.coordination.k8s.io --selector=app.kubernetes.io/managed-by=backout) || return
	printf '%s\n' "$lock_all" | lock_rows
}

# overlapping RUN: prints the line of a Lease that a run holds for all of the namespace, while this one is for a part of it, or the other way round.
# Fails, with the reason, when the API server does not say.
overlapping() {
	lock_others=$(all_locks) || return
	printf '%s\n' "$lock_others" | awk -F '\t' -v run="$1" -v own="${kube_selector:-}" '$3 != "-" && $3 != run && ($10 == "-" || own == "") { print; exit }'
}

# take_shared_lock RUN START STATE ABOUT: takes the lock for a run on this host, with a file that says who and why. Exits 3 and says who has it when
# another has (say_shared_holder); 1, with the reason, when the API server does not say. Where this login may have no Leases, the lock is that of the
# host alone, and the output of the run says so. Called under the lock of this host, so a run of the same state folder that has the shared
# one is dead, and its lock is replaced.
take_shared_lock() {
	make_state_id "$3"
	lock_tries=0
	while :; do
		if row=$(shared_lock 2>&1); then
			case $(field "$row" 3) in
				"$1") break ;;
				'' | -) ;;
				*)
					is_of_folder "$row" "$3" || {
						say_shared_holder "$row" "$3"
						return 3
					}
					;;
			esac
			said=$(hold_lease "$1" "$2" "$3" "$4" "$row" 2>&1) && break
			was_faster "$row" || lock_tries=9
		else
			said=$row lock_tries=9
		fi
		if no_leases "$said"; then
			echo "Operators on other hosts do not see that this run is going on: $said" >>out
			return 0
		fi
		lock_tries=$((lock_tries + 1))
		[ "$lock_tries" -lt 5 ] || {
			echo "the cluster does not give the shared lock of ${project:-$kube_namespace}: $said"
			return 1
		}
	done
	: >shared-lock.taken
	lock_code=3
	# One of this state folder is dead, too, and gives way.
	while
		other=$(overlapping "$1" 2>&1) || lock_code=1
		[ "$lock_code" = 3 ]
	do
		[ -n "$other" ] || return 0
		is_of_folder "$other" "$3" && release_lease "$other" >/dev/null 2>&1 || break
	done
	if [ "$lock_code" = 1 ] && no_leases "$other"; then
		echo "Runs of another part of the namespace, or of all of it, are not seen: $other" >>out
		return 0
	fi
	free_shared_lock "$1" >/dev/null
	rm -f shared-lock.taken
	if [ "$lock_code" = 3 ]; then
		say_shared_holder "$other" "$3"
	else
		echo "the cluster does not say whether a run of another part of the namespace, or of all of it, goes on: $other"
	fi
	return "$lock_code"
}

# lock_is_ours: succeeds while this run has the shared lock that it took at its start, and for one that took none. A run whose host was away
# for long may find that somebody has given it up (`backout unlock`), and another run changes the deployment. Reads: run_facts, in the run's folder.
lock_is_ours() {
	lock_folder=${run_facts:-}
	lock_folder=${lock_folder%/facts}
	[ -n "$lock_folder" ] && [ -e "$lock_folder/shared-lock.taken" ] || return 0
	lock_row=$(shared_lock) || return
	[ "$(field "$lock_row" 3)" = "${lock_folder##*/}" ] || {
		echo 'somebody has given up the lock of this run, which changes nothing more'
		return 1
	}
}

# free_shared_lock RUN: leaves the Lease without a holder if this run has it. Fails, with the reason.
free_shared_lock() {
	lock_tries=0
	until row=$(shared_lock 2>&1) && {
		[ "$(field "$row" 3)" = "$1" ] || return 0
		row=$(release_lease "$row" 2>&1)
	}; do
		! no_leases "$row" || return 0
		lock_tries=$((lock_tries + 1))
		[ "$lock_tries" -lt 5 ] || {
			echo "the shared lock of ${project:-$kube_namespace} is still there, and the next run on this host replaces it: $row"
			return 1
		}
		sleep 2
	done
}

# supervisor_lives SECONDS: succeeds after this time if the supervisor of the run in this folder still holds the lock on "alive"; fails as soon as
# it does not, and where the folder is gone, for which flock(1) fails as well. BusyBox's flock cannot wait.
supervisor_lives() {
	[ -e alive ] || return 1
	if flock -s -w 1 shared-lock.taken true 2>/dev/null; then
		! flock -s -w "$1" alive true && [ -e alive ]
		return
	fi
	lives_until=$(($(date +%s) + $1))
	while ! flock -s -n alive true; do
		[ -e alive ] || return 1
		[ "$(date +%s)" -lt "$lives_until" ] || return 0
		sleep 2
	done
	return 1
}

# renew_shared_lock RUN: renews the Lease until the run has ended, has died, or does not have it any more. After a call that failed, it tries again
# soon: whoever gives up a lock (give-up-lock.sh) looks on for a bit longer than two renewals, and has to see one.
renew_shared_lock() {
	renew_in=$lock_renewed
	while supervisor_lives "$renew_in"; do
		renew_in=5
		row=$(shared_lock 2>/dev/null) || continue
		[ "$(field "$row" 3)" = "$1" ] || return 0
		! patch_lease "$row" "{\"op\":\"replace\",\"path\":\"/spec/renewTime\",\"value\":\"$(lock_time)\"}" >/dev/null 2>&1 || renew_in=$lock_renewed
	done
}
