import { imageId, onHost, resetDatabase, restoreUntracked, waitForDatabase } from './deployment.ts';
import { startEngine } from './docker-engine.ts';
import { exec } from './exec.ts';
import { hostEnv, type Layout, saveInfo } from './layout.ts';
import { waitFor } from './processes.ts';
import { startSsh } from './ssh-servers.ts';
import type { LabInfo } from './types.ts';

const image = 'abstractfinance-trading-engine:latest';

/** Brings the deployment to its good state from any other, and waits until it is well. Throws when that takes over a minute. */
export async function heal(at: Layout, info: LabInfo): Promise<void> {
	await startSsh(at, info);
	await startEngine(at);
	await resetClone(at, info);
	await sh(info, clearFaults);
	await tagGoodImage(info);
	// A log or a restart count from before would be taken for what happens next.
	if (!(await sh(info, engineIsFresh)).ok || !(await sh(info, databaseIsGood)).ok) {
		// Not `--force-recreate`: that waits for a restart loop to pause.
		await sh(info, removeEngine);
		const others = ['postgres', 'ibgateway', 'grafana', 'alertmanager'];
		await onHost(info, 'docker', 'compose', 'up', '-d', '--no-build', '--no-deps', ...others);
		if (!(await sh(info, databaseIsGood)).ok) {
			await waitForDatabase(info);
			if (!(await sh(info, databaseIsGood)).ok) await resetDatabase(at, info);
		}
		const logsIn = await waitFor(async () => (await sh(info, gatewayIsUp)).ok, 30_000);
		if (!logsIn) throw new Error('the gateway does not log in');
	}
	await onHost(info, 'docker', 'compose', 'up', '-d', '--no-build', '--remove-orphans');
	await sh(info, removeRest, image, ...info.goodImages);
	info.fault = null;
	info.badCommit = null;
	info.badCommits = [];
	saveInfo(info);
	const well = await waitFor(async () => (await sh(info, allIsWell, String(info.ports.alertmanager))).ok, 60_000, 150);
	if (!well) throw new Error('the deployment does not become well: see `npm run lab -- judge`');
}

async function sh(info: LabInfo, script: string, ...args: string[]): Promise<{ ok: boolean; stdout: string }> {
	const options = { cwd: info.directory, env: hostEnv(info), timeout: 60_000 };
	const { code, stdout } = await exec('sh', ['-c', script, 'sh', ...args], options);
	return { ok: code === 0, stdout };
}

async function resetClone(at: Layout, info: LabInfo): Promise<void> {
	const script = `set -e
		git --git-dir="$2" update-ref refs/heads/main "$1"
		rm -f .git/index.lock .git/HEAD.lock
		rm -rf .git/rebase-merge .git/rebase-apply .git/MERGE_HEAD .git/CHERRY_PICK_HEAD .git/REVERT_HEAD
		git checkout -q -f -B main "$1"
		git clean -q -d -f -f
		git worktree prune
		git stash clear
		git for-each-ref --format='%(refname)' refs/heads refs/tags refs/backout | grep -vx refs/heads/main |
			while read -r ref; do git update-ref -d "$ref"; done
		git remote set-url origin "$2"
		git fetch -q --force origin +refs/heads/main:refs/remotes/origin/main
		git branch -q --set-upstream-to=origin/main main`;
	await onHost(info, 'sh', '-c', script, 'sh', info.goodCommit, info.origin);
	restoreUntracked(at);
}

async function tagGoodImage(info: LabInfo): Promise<void> {
	const good = info.goodImages.at(-1) ?? '';
	if ((await imageId(info, good)) !== good) {
		await onHost(info, 'docker', 'compose', 'build', '-q', 'trading-engine');
		info.goodImages = [...info.goodImages.slice(0, -1), await imageId(info, image)];
	} else {
		await onHost(info, 'docker', 'tag', good, image);
	}
}

/** The gateway's volume says that it never logs in; its container that it has lost its login. */
const clearFaults = `
	docker unpause $(docker ps -q --filter status=paused) 2>/dev/null
	state=$(docker inspect --format '{{.State.Running}}' ibgateway 2>/dev/null)
	[ "$state" = true ] || { docker start ibgateway >/dev/null 2>&1 || exit 0; }
	docker exec ibgateway sh -c '[ ! -e /tmp/lost ] && [ ! -e /var/lib/ibgateway/never ]' && exit 0
	docker exec ibgateway rm -f /var/lib/ibgateway/never
	docker restart -t 3 ibgateway >/dev/null`;

const databaseIsGood = `
	[ "$(docker exec postgres psql -X -At -U postgres -d abstractfinance -c "SELECT (SELECT max(version) FROM schema_migrations) || '|' ||
		(SELECT count(*) FROM orders WHERE broker_id <= 100500) || '|' || (SELECT count(*) FROM positions WHERE quantity <> 0) || '|' ||
		(SELECT count(*) FROM nav_history) || '|' || (SELECT count(*) FROM pg_database WHERE NOT datistemplate)" 2>/dev/null)" = '3|500|4|720|2' ]`;

const removeEngine = `
	ids=$(docker ps -aq --filter label=com.docker.compose.project=abstractfinance --filter label=com.docker.compose.service=trading-engine)
	[ -z "$ids" ] || docker rm -f $ids >/dev/null`;

const gatewayIsUp = `docker exec ibgateway python -c 'import socket; socket.create_connection(("127.0.0.1", 4000), 1)'`;

const engineIsFresh = `
	id=$(docker ps -q --no-trunc --filter label=com.docker.compose.service=trading-engine)
	[ -n "$id" ] || exit 1
	now=$(docker image inspect --format '{{.Id}}' abstractfinance-trading-engine:latest)
	[ "$(docker inspect --format '{{.RestartCount}} {{.Image}} {{.State.Health.Status}}' "$id")" = "0 $now healthy" ] || exit 1
	! docker logs "$id" 2>&1 | grep -q -E 'WARNING|ERROR|CRITICAL|Traceback'`;

/** Other containers of the project, and its images and pins that are not kept: `$1` is the name, the rest the kept ids. */
const removeRest = `
	name=$1; shift
	docker image ls --no-trunc --filter label=com.docker.compose.project=abstractfinance --format '{{.ID}}' | sort -u | while read -r id; do
		for kept in "$@"; do
			[ "$id" != "$kept" ] || continue 2
		done
		docker rmi -f "$id" >/dev/null 2>&1
	done
	for kept in "$@"; do
		docker image inspect --format '{{range .RepoTags}}{{println .}}{{end}}' "$kept" | grep . | grep -vxF "$name" | while read -r tag; do
			docker rmi "$tag" >/dev/null 2>&1
		done
	done
	true`;

const allIsWell = `
	for service in trading-engine postgres; do
		id=$(docker ps -q --filter label=com.docker.compose.service=$service)
		[ "$(docker inspect --format '{{.State.Health.Status}}' "$id" 2>/dev/null)" = healthy ] || exit 1
	done
	docker exec -i "$(docker ps -q --filter label=com.docker.compose.service=alertmanager)" python - <<-'END'
		import json, urllib.request
		assert not json.load(urllib.request.urlopen("http://127.0.0.1:9093/api/v2/alerts", timeout=2))
	END`;
