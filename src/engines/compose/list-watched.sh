# shellcheck shell=sh
# list_watched: prints the containers of the deployment, as a guard on the host judges them, a line each, fields separated by tabs: SERVICE,
# NAME, ID, STATUS, HEALTH, EXIT CODE, RESTARTS, RESTART POLICY, the times of creation, of the last start and the last end, and for one that
# was restarted, seconds since its last start and the average from one start to the next. What is missing is `-`. Times of one engine have
# one time zone, so that they can be compared as text. Fails when Docker does not answer. Needs deployment.sh.

list_watched() (
	tab=$(printf '\t')
	ids=$(containers_of -a) || exit
	[ -n "$ids" ] || exit 0
	# shellcheck disable=SC2086 # ids have no blanks
	all=$(engine inspect --type container --format '{{index .Config.Labels "com.docker.compose.service"}}{{"\t"}}{{.Name}}{{"\t"}}{{.Id}}{{"\t"}}{{.State.Status}}{{"\t"}}{{with index .State "Health"}}{{with index . "Status"}}{{.}}{{else}}-{{end}}{{else}}-{{end}}{{"\t"}}{{.State.ExitCode}}{{"\t"}}{{.RestartCount}}{{"\t"}}{{with .HostConfig.RestartPolicy.Name}}{{.}}{{else}}no{{end}}{{"\t"}}{{.Created}}{{"\t"}}{{.State.StartedAt}}{{"\t"}}{{.State.FinishedAt}}' $ids 2>/dev/null) || exit
	at=$(date +%s)
	printf '%s\n' "$all" | while IFS=$tab read -r service name id status health code restarts policy created started finished; do
		up=- period=-
		if [ "$restarts" -gt 0 ] && [ "$status" = running ] && begun=$(seconds_of "$started") && made=$(seconds_of "$created"); then
			up=$((at - begun)) period=$(((begun - made) / restarts))
		fi
		[ "$health" != none ] || health=-
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.19s\t%.19s\t%.19s\t%s\t%s\n' "$service" "${name#/}" "$id" "$status" "$health" "$code" "$restarts" "$policy" "$created" "$started" "$finished" "$up" "$period"
	done
)
