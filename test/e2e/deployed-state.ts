import { hostExec } from '../lab/index.ts';

/** Reads what an operator would compare: git, .env to the byte, and of every container its service, image, state and settings. */
export const deployedState = async () => {
	const { stdout } = await hostExec(`
git rev-parse HEAD
git symbolic-ref -q HEAD
git status --porcelain
git diff HEAD
stat -c '%a %U %n' .env
sha256sum .env docker-compose.yml
for id in $(docker ps -aq --filter label=com.docker.compose.project=abstractfinance); do
	docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.Image}} {{index .Config.Labels "com.docker.compose.config-hash"}} {{if .State.Running}}up{{else}}down{{end}}' "$id"
done | sort
docker image inspect --format '{{.Id}}' "$(docker inspect --format '{{.Config.Image}}' "$(docker ps -aq --filter label=com.docker.compose.service=trading-engine | head -n 1)")"
`);
	return stdout;
};
