# shellcheck shell=sh
# Prints the stacks of a swarm, by way of a manager, a line each: NAME, number of SERVICES, FOLDER, separated by tabs. Nothing where this host
# is no manager. No label says where a stack file is: the folder is the first of the usual ones that has the name of the stack, or else the
# home folder.

[ "$(docker info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null </dev/null)" = true ] || exit 0
docker service ls -q </dev/null | sort -u | while read -r id; do
	docker service inspect --format '{{index .Spec.Labels "com.docker.stack.namespace"}}' "$id" </dev/null
done | sed '/^$/d' | sort | uniq -c | while read -r services name; do
	folder=$HOME
	for one in "/srv/$name" "/opt/$name" "$HOME/$name"; do
		[ ! -d "$one" ] || {
			folder=$one
			break
		}
	done
	printf '%s\t%s\t%s\n' "$name" "$services" "$folder"
done
