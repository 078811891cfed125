# shellcheck shell=sh disable=SC2016,SC2086 # Go templates; lists of ids
# Starts containers that exist, in an order that Docker accepts: one that joins the network, process or IPC namespace of
# another ("cannot join network of a non running container") starts after it.
#
# Needs deployment.sh.

# joined_by ID: prints the ids of the containers whose namespaces it joins.
joined_by() {
	engine inspect --format '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}' "$1" | tr ' ' '\n' | sed -n 's/^container://p'
}

# waits_for_one_of ID IDS: succeeds if it joins a namespace of one of these.
waits_for_one_of() {
	for owner in $(joined_by "$1"); do
		case " $2 " in *" $owner "*) return 0 ;; esac
	done
	return 1
}

# next_of IDS ALL: prints those of IDS that join no namespace of one of ALL.
next_of() {
	for id in $1; do
		waits_for_one_of "$id" "$2" || printf '%s ' "$id"
	done
}

# wait_until_healthy IDS: waits until those with a health check are healthy, at most a minute.
wait_until_healthy() {
	tries=60
	while [ "$tries" -gt 0 ]; do
		engine inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{end}}' $1 | grep -q -E 'starting|unhealthy' || return 0
		tries=$((tries - 1))
		sleep 1
	done
}

# without IDS GONE: prints IDS without those of GONE.
without() {
	for id in $1; do
		case " $2 " in *" $id "*) ;; *) printf '%s ' "$id" ;; esac
	done
}

# lost_of IDS: prints those that join a namespace of a container that is gone: they cannot be started any more.
lost_of() {
	for id in $1; do
		for owner in $(joined_by "$id"); do
			engine inspect --format '{{.Id}}' "$owner" >/dev/null 2>&1 || {
				printf '%s ' "$id"
				break
			}
		done
	done
}

# start_each IDS: starts them, one after the other, whatever becomes of the one before. One that shares a namespace of a container which
# Docker restarts at that moment is tried again, for half a minute. Fails if one cannot be started; says which, and why.
start_each() {
	refused=0
	for id in $1; do
		tries=30
		until said=$(timeout 60 docker start "$id" 2>&1 >/dev/null </dev/null); do
			case $said in *' is restarting'*) tries=$((tries - 1)) ;; *) tries=0 ;; esac
			[ "$tries" -gt 0 ] || {
				engine inspect --format '{{.Name}} cannot be started:' "$id" | sed 's|^/||'
				printf '%s\n' "${said:-Docker does not answer within 60 s}"
				refused=1
				break
			}
			sleep 1
		done
	done
	return "$refused"
}

# start_in_order OTHERS LAST: starts all of them, those of LAST as late as the namespaces allow; later ones find the earlier ones healthy.
# If some cannot be started, it starts the rest and fails.
start_in_order() {
	lost=$(lost_of "$1 $2")
	others=$(without "$1" "$lost") last=$(without "$2" "$lost") all_started=1
	while [ -n "${others% }${last% }" ]; do
		now=$(next_of "$others" "$others $last")
		[ -n "$now" ] || now=$(next_of "$last" "$others $last")
		# Each waits for another one: let Docker report it.
		[ -n "$now" ] || now="$others $last"
		start_each "$now" || all_started=''
		others=$(without "$others" "$now") last=$(without "$last" "$now")
		[ -z "${others% }${last% }" ] || wait_until_healthy "$now"
	done
	[ -z "${lost% }" ] || {
		engine inspect --format '{{.Name}} cannot be started: the container whose network or namespace it shares was removed; docker compose up -d makes both anew' $lost | sed 's|^/||'
		all_started=''
	}
	[ -n "$all_started" ]
}

# joining IDS: the ids of the project's containers that run and join a namespace of one of these, or of one that does; each after
# the one that it joins.
joining() (
	known=$(printf '%s ' $1)
	left=$(without "$(containers_of | tr '\n' ' ')" "$known")
	while :; do
		more=
		for id in $left; do
			if waits_for_one_of "$id" "$known"; then more="$more$id "; fi
		done
		[ -n "$more" ] || break
		printf '%s\n' $more
		known=$known$more
		left=$(without "$left" "$more")
	done
)

# restart_joined IDS: restarts what joins a namespace of one of these, which was restarted, so the namespace it is in has ended.
# Prints their names.
restart_joined() {
	joined=$(joining "$1")
	[ -n "$joined" ] || return 0
	timeout 90 docker restart -t 30 $joined >/dev/null || return
	engine inspect --format '{{.Name}}: restarted, for it shares a namespace of what was started' $joined | sed 's|^/||'
}
