# shellcheck shell=sh
# Removes containers that were created after the restore point: they may have the names and ports of those that are restored. One with an
# anonymous volume is only stopped, as its data would be hard to find: under another name if its own is needed, and without a restart
# policy. Needs undo-state.sh. Reads: restore_dir, run_id.

has_anonymous_volume() {
	engine inspect --format '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}' "$1" | grep -qx '[0-9a-f]\{64\}'
}

# put_originals_back: brings back the very containers of then, where the run was ended while it exchanged them (recreate.sh): they have
# another name, and what was made in their place has theirs.
put_originals_back() {
	from_run=${from_dir%/*} from_run=${from_run##*/}
	engine ps -a --no-trunc --filter "label=com.docker.compose.project=$project" --filter "name=-until-$from_run\$" --format '{{.ID}} {{.Names}}' >"$run_dir/originals"
	while read -r id aside; do
		name=${aside%-until-"$from_run"}
		if new=$(engine inspect --type container --format '{{.Id}}' "$name" 2>/dev/null); then
			engine logs --tail 5000 "$new" >"$restore_dir/$name.log" 2>&1
			engine_timeout=60 engine rm -f "$new" >/dev/null || {
				failed=1
				continue
			}
		fi
		engine rename "$id" "$name" && echo "$name is the container from before again" || failed=1
	done <"$run_dir/originals"
}

failed=0
put_originals_back
look_at_facts
containers_since >"$run_dir/containers-since"
while read -r state service number id name; do
	timeout 20 docker logs --tail 5000 "$id" >"$restore_dir/$service-$number.log" 2>&1 </dev/null
	case $state in
		running | restarting | paused) timeout 90 docker stop "$id" >/dev/null </dev/null || {
			failed=1
			continue
		} ;;
	esac
	if ! has_anonymous_volume "$id"; then
		engine rm "$id" >/dev/null && echo "Removed $name, which did not exist before" || failed=1
		continue
	fi
	engine update --restart no "$id" >/dev/null
	if printf '%s\n' "$from_containers" | grep -qF -e "|$name|"; then
		engine rename "$id" "$name-until-$run_id" || {
			failed=1
			continue
		}
	fi
	echo "Stopped $name, which did not exist before, and kept it: it has a volume without a name"
done <"$run_dir/containers-since"
[ -s "$run_dir/containers-since" ] || echo 'No container was created since'
exit "$failed"
