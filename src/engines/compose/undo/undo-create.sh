# shellcheck shell=sh
# create_as_then SERVICE NUMBER: creates a container as the one of then was created, by Docker's API, from what keep-creation.sh
# kept: of a service that the Compose files of then do not have, or with a number that Compose would not give. The container
# that is there now gives way when the new one is there. Nothing is started. Needs undo-state.sh and creation.sh. Reads: run_id, run_dir.

create_as_then() {
	then_of=$(created_with "$1" "$2" id)
	[ -n "$then_of" ] || {
		echo "The restore point does not say how $1 ($2) was created"
		return 1
	}
	name=${then_of#* /} then_of=${then_of%% *}
	old=$(container_of "$1" "$2")
	aside=
	if [ -n "$old" ]; then
		timeout 90 docker stop "$old" >/dev/null </dev/null || return
		aside=$(engine inspect --format '{{.Name}}' "$old") && engine rename "$old" "$name-until-$run_id" || return
	fi
	if create_container "$name" "$1" "$2" "$(created_with "$1" "$2" config)"; then
		[ -z "$old" ] || engine rm "$old" >/dev/null || return
		echo " Container $name  Created, from the saved description"
		return 0
	fi
	echo "Docker does not create $name: $said"
	[ -z "${new:-}" ] || engine rm "$new" >/dev/null
	[ -z "$old" ] || engine rename "$old" "${aside#/}"
	return 1
}
