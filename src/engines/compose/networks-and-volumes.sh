# shellcheck shell=sh
# networks_and_volumes: prints the networks and volumes of the project, one per line: `network NAME` or `volume NAME`. Compose labels what
# it creates; a volume without a name has no label. Fails when Docker does not answer. Needs deployment.sh.
networks_and_volumes() {
	engine network ls --filter "label=com.docker.compose.project=$project" --format 'network {{.Name}}' &&
		engine volume ls --filter "label=com.docker.compose.project=$project" --format 'volume {{.Name}}'
}
