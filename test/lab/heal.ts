import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokerSettings, resetBroker } from './broker.ts';
import { compose, composeFiles, onHost } from './compose.ts';
import {
	engineImage,
	giveToOwner,
	imageId,
	monitorImage,
	ownerIds,
	resetDatabase,
	restoreUntracked,
	waitForDatabase,
} from './deployment.ts';
import { startEngine } from './docker-engine.ts';
import { exec, must } from './exec.ts';
import { hostEnv, type Layout, saveInfo } from './layout.ts';
import { stopWatchdog } from './other-server.ts';
import { waitFor } from './processes.ts';
import { startSsh } from './ssh-servers.ts';
import type { DeployedMode, EngineMode, LabInfo, SecretsMode } from './types.ts';

/** The good state to restore. Parts that are not named are as at the first `up`. */
export interface GoodState {
	secrets?: SecretsMode;
	deployed?: DeployedMode;
	mode?: EngineMode;
}

/** Brings the deployment to its good state from any other, and waits until it is well. Throws when that takes over three minutes. */
export async function heal(at: Layout, info: LabInfo, wanted: GoodState = {}): Promise<void> {
	await stopWatchdog(at);
	await startSsh(at, info);
	await startEngine(at);
	info.secrets = wanted.secrets ?? 'env';
	info.deployed = wanted.deployed ?? 'branch';
	const { username, password } = brokerSettings(at);
	resetBroker(at, username, password);
	await sh(info, thaw);
	await resetClone(at, info);
	setClock(at, wanted.mode ?? 'asleep');
	await tagGoodImages(info);
	await sh(info, removeHeld);
	await sh(info, removeDeployedOtherwise, composeFiles(info.deployed)[1] ?? '', info.secrets);
	// A log or a restart count from before would be taken for what happens next.
	if (!(await sh(info, engineIsFresh, wanted.mode ?? 'asleep')).ok) await sh(info, remove, 'trading-engine');
	if (!(await sh(info, monitorIsFresh)).ok) await sh(info, remove, 'cross-monitor');
	if (!(await sh(info, gatewayIsFresh)).ok) await sh(info, remove, 'ibgateway');
	await compose(info, 'up', '-d', '--no-build', '--remove-orphans');
	if (!(await sh(info, databaseIsGood)).ok) {
		await waitForDatabase(info);
		if (!(await sh(info, databaseIsGood)).ok) await resetDatabase(at, info);
	}
	await sh(info, removeRest, engineImage, ...info.goodImages);
	await sh(info, removeRest, monitorImage, ...info.goodMonitors);
	info.fault = null;
	info.badCommit = null;
	info.badCommits = [];
	saveInfo(info);
	const well = await waitFor(async () => (await sh(info, allIsWell, wanted.mode ?? 'asleep')).ok, 180_000, 250);
	if (!well) throw new Error('the deployment does not become well: see `npm run lab -- judge`');
}

/** At what time of day the engine believes to start: long before a run, or a minute after one is due. It is read at each start. */
export function setClock(at: Layout, mode: EngineMode): void {
	const file = join(at.directory, 'state', 'lab.json');
	if (mode === 'asleep') rmSync(file, { force: true });
	else writeFileSync(file, `${JSON.stringify({ clock: '09:16', run_seconds: 2 })}\n`);
}

async function sh(info: LabInfo, script: string, ...args: string[]): Promise<{ ok: boolean; stdout: string }> {
	const options = { cwd: info.directory, env: hostEnv(info), timeout: 120_000 };
	const { code, stdout } = await exec('sh', ['-c', script, 'sh', ...args], options);
	return { ok: code === 0, stdout };
}

async function resetClone(at: Layout, info: LabInfo): Promise<void> {
	await giveToOwner(at.origin);
	await giveToOwner(at.directory);
	const first = info.goodCommits[0]?.hash ?? '';
	await onHost(info, 'sh', '-c', resetGit, 'sh', info.goodCommit, info.origin, info.deployed, first);
	const logs = join(at.directory, '.git', 'logs');
	rmSync(logs, { recursive: true, force: true });
	cpSync(join(at.keep, 'reflogs', info.deployed), logs, { recursive: true });
	const [uid, gid] = await ownerIds();
	await must('chown', ['-R', `${uid}:${gid}`, logs]);
	await restoreUntracked(at, info);
}

/** `$1` is the good commit, `$2` the origin, `$3` how it is deployed, `$4` the commit that was cloned first. */
const resetGit = `set -e
	git --git-dir="$2" update-ref refs/heads/main "$1"
	git --git-dir="$2" for-each-ref --no-contains "$1" --format='%(refname)' refs/tags >/dev/null
	git --git-dir="$2" for-each-ref --format='%(refname:short)' refs/tags | grep -v '^v2\\.0\\.' | while read -r tag; do
		git --git-dir="$2" tag -d "$tag" >/dev/null
	done
	rm -f .git/index.lock .git/HEAD.lock
	rm -rf .git/rebase-merge .git/rebase-apply .git/MERGE_HEAD .git/CHERRY_PICK_HEAD .git/REVERT_HEAD
	git checkout -q -f -B main "$1"
	git clean -q -d -f -f
	git worktree prune
	git stash clear
	git for-each-ref --format='%(refname)' refs/heads refs/tags refs/backout | grep -vx refs/heads/main |
		while read -r ref; do git update-ref -d "$ref"; done
	git remote set-url origin "$2"
	git fetch -q --force --tags origin +refs/heads/main:refs/remotes/origin/main
	git branch -q --set-upstream-to=origin/main main
	[ "$3" = branch ] || { git checkout -q "$(git describe --tags --exact-match "$1")"; git branch -q -f main "$4"; }`;

async function tagGoodImages(info: LabInfo): Promise<void> {
	const pairs = [
		['trading-engine', engineImage, info.goodImages],
		['cross-monitor', monitorImage, info.goodMonitors],
	] as const;
	for (const [service, name, kept] of pairs) {
		const good = kept.at(-1) ?? '';
		if ((await imageId(info, good)) === good && good !== '') {
			if ((await imageId(info, name)) !== good) await onHost(info, 'docker', 'tag', good, name);
			continue;
		}
		await compose(info, 'build', '-q', service);
		kept[kept.length - 1] = await imageId(info, name);
	}
}

const thaw = `paused=$(docker ps -q --filter status=paused); [ -z "$paused" ] || docker unpause $paused >/dev/null`;

/** Seven tables with the rows of the seed, and no database beside it. */
const databaseIsGood = `
	[ "$(docker exec postgres psql -X -At -U postgres -d abstractfinance -c "SELECT
		(SELECT count(*) FROM pg_tables WHERE schemaname = 'public') || '|' || (SELECT count(*) FROM orders WHERE order_id LIKE 'seed-%') || '|' ||
		(SELECT count(*) FROM positions) || '|' || (SELECT count(*) FROM daily_returns) || '|' ||
		(SELECT count(*) FROM pg_database WHERE NOT datistemplate)" 2>/dev/null)" = '7|500|4|240|2' ]`;

/** Not \`--force-recreate\`: that waits for a restart loop to pause. */
const remove = `
	ids=$(docker ps -aq --filter label=com.docker.compose.project=abstractfinance --filter label=com.docker.compose.service=$1)
	[ -z "$ids" ] || docker rm -f $ids >/dev/null`;

/** The containers that keep images for restore points, which are gone; and what an emergency stop has left: without the restart policy that every service has, and in a network that is not there. */
const removeHeld = `
	kept=$(docker ps -aq --filter name=^backout-; docker ps -aq --filter label=backout.holds)
	[ -z "$kept" ] || docker rm -f $kept >/dev/null
	for id in $(docker ps -aq --filter label=com.docker.compose.project=abstractfinance); do
		[ "$(docker inspect --format '{{.HostConfig.RestartPolicy.Name}}' "$id")" = always ] || docker rm -f "$id" >/dev/null
	done`;

/** Containers say which Compose files and which env file they were made with: `$1` is the second file, `$2` where secrets are. */
const removeDeployedOtherwise = `
	for id in $(docker ps -aq --filter label=com.docker.compose.project=abstractfinance); do
		files=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project.config_files"}}' "$id")
		env=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project.environment_file"}}' "$id")
		case $env in /tmp/*) by=dc ;; *) by=env ;; esac
		case $files in
			*,*"/$1") [ "$by" = "$2" ] || docker rm -f "$id" >/dev/null ;;
			*) docker rm -f "$id" >/dev/null ;;
		esac
	done`;

/** Started once, from the newest good image, and its log is that of a healthy start that has come to its sleep; after a run, or after lines that somebody else wrote into its log, it is not fresh. */
const engineIsFresh = `
	[ "$1" = asleep ] || exit 1
	now=$(docker image inspect --format '{{.Id}}' abstractfinance-trading-engine:latest)
	[ "$(docker inspect --format '{{.State.Running}} {{.RestartCount}} {{.Image}}' trading-engine 2>/dev/null)" = "true 0 $now" ] || exit 1
	log=$(docker logs trading-engine 2>&1)
	[ "$(printf '%s\n' "$log" | grep -c '^ContinuousScheduler started')" = 1 ] || exit 1
	printf '%s\n' "$log" | tail -n 1 | grep -q '^Sleeping for' || exit 1
	! printf '%s\n' "$log" | grep -q -E 'Starting run|Received signal|Traceback|Error|"level"'`;

const monitorIsFresh = `
	now=$(docker image inspect --format '{{.Id}}' abstractfinance-cross-monitor:latest)
	[ "$(docker inspect --format '{{.State.Running}} {{.RestartCount}} {{.Image}}' cross-monitor 2>/dev/null)" = "true 0 $now" ]`;

/** Logged in at its first start. */
const gatewayIsFresh = `
	[ "$(docker inspect --format '{{.State.Running}} {{.RestartCount}}' ibgateway 2>/dev/null)" = 'true 0' ] || exit 1
	log=$(docker logs ibgateway 2>&1)
	[ "$(printf '%s\\n' "$log" | grep -c ' Manager Startup /')" = 1 ] || exit 1
	printf '%s\\n' "$log" | grep -q 'option check' || exit 1
	! printf '%s\\n' "$log" | grep -q -E '!!!|login failed|no longer running'`;

/** An image's pins and other images of the project that are not kept: \`$1\` is the name, the rest the kept ids. */
const removeRest = `
	name=$1; shift
	service=\${name#abstractfinance-}; service=\${service%:latest}
	docker image ls --no-trunc --filter label=com.docker.compose.project=abstractfinance \\
		--filter "label=com.docker.compose.service=$service" --format '{{.ID}}' | sort -u | while read -r id; do
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

/** \`$1\`: what the engine does. Trading: the run that was due is through. */
const allIsWell = `
	[ "$(docker inspect --format '{{.State.Health.Status}}' postgres 2>/dev/null)" = healthy ] || exit 1
	[ "$(docker inspect --format '{{.State.Health.Status}}' ibgateway 2>/dev/null)" = healthy ] || exit 1
	docker logs ibgateway 2>&1 | grep -q 'option check' || exit 1
	log=$(docker logs trading-engine 2>&1)
	printf '%s\\n' "$log" | tail -n 1 | grep -q '^Sleeping for' || exit 1
	[ "$1" = asleep ] || printf '%s\\n' "$log" | grep -q "^Run 'EU_open' completed"`;
