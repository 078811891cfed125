import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import redeployers from '../../src/engines/compose/plan/redeployers.sh';
import { blockOf } from '../../src/runbook/block.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import type { Host } from '../../src/services/host/host.ts';
import { runScript } from '../../src/services/host/run-script.ts';
import {
	blockedFunctions,
	liftBlocks,
	noteVerifiedDeployment,
	readBlocks,
	type VerifiedDeployment,
} from '../../src/services/runner/blocked/blocks.ts';
import { type Deployment, localHost, makeDeployment, who } from './fixture.ts';
import { describeShells, shellPath } from './shells.ts';

let deployment: Deployment;
let host: Host;
let commits: readonly string[];

const git = (...args: string[]) =>
	execFileSync('git', ['-C', deployment.directory, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
		encoding: 'utf8',
	}).trim();
const [first, second] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

/** A deployment that was verified at the oldest commit, after a newer one. */
const verified = (more: Partial<VerifiedDeployment> = {}) =>
	noteVerifiedDeployment(host, deployment.where, {
		run: '20260101T000000Z-aaaaaa',
		who,
		reason: maskSecrets('health\tfails\u001b[31m\nblock\tx'),
		rolledBack: { commit: commits[1], images: [second] },
		commit: commits[0],
		blockMs: 60_000,
		lift: [],
		...more,
	});
const blocks = () => readBlocks(host, deployment.where);

beforeEach(() => {
	deployment = makeDeployment();
	host = localHost();
	execFileSync('git', ['-C', deployment.directory, 'init', '-q', '-b', 'main']);
	commits = ['1', '2', '3'].map((subject) => {
		git('commit', '-q', '--allow-empty', '-m', subject);
		return git('rev-parse', 'HEAD');
	});
});
afterEach(async () => {
	await host.close();
	deployment.remove();
});

test('a version that was rolled back is blocked for its time, with who and why on one harmless line', async () => {
	expect(await blocks()).toEqual([]);
	await verified();
	const [block] = await blocks();
	expect(block).toMatchObject({ commit: commits[1], images: [second], by: `${who.user}@${who.machine}` });
	expect(block?.reason).toBe('health fails block x');
	expect((block?.until ?? 0) - (block?.at ?? 0)).toBe(60_000);
	expect(readFileSync(join(deployment.state, 'blocks'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
	expect(blockOf(await blocks(), { commit: commits[1], images: [] })).toBeDefined();
	expect(blockOf(await blocks(), { images: [second] })).toBeDefined();
	expect(blockOf(await blocks(), { commit: commits[0], images: [first] })).toBeUndefined();
});

test('a block lapses by itself, and ends when it is lifted', async () => {
	await verified({ blockMs: 0 });
	expect(await blocks()).toEqual([]);
	await verified();
	await liftBlocks(host, deployment.where, ['20260101T000000Z-aaaaaa'], { who, reason: 'the database' });
	expect(await blocks()).toEqual([]);
	expect(readFileSync(join(deployment.state, 'blocks'), 'utf8')).toContain('\tthe database\n');
});

test('a newer verified commit ends it, and an older one does not', async () => {
	await verified();
	const other = { run: '20260102T000000Z-bbbbbb', rolledBack: undefined };
	await verified({ ...other, commit: commits[0] });
	expect(await blocks()).toHaveLength(1);
	await verified({ ...other, commit: commits[2] });
	expect(await blocks()).toEqual([]);
});

test('nothing is blocked when the deployed commit is newer than the one before', async () => {
	await verified({ rolledBack: { commit: commits[0], images: [first] }, commit: commits[2] });
	expect(await blocks()).toEqual([]);
});

test('a line that was cut off does not hide the others', async () => {
	await verified();
	appendFileSync(join(deployment.state, 'blocks'), 'block\t20260103T000000Z-cc');
	await verified({ run: '20260104T000000Z-dddddd' });
	expect((await blocks()).map(({ run }) => run)).toEqual(['20260101T000000Z-aaaaaa', '20260104T000000Z-dddddd']);
});

describeShells('under %s', (shell) => {
	const run = (script: string, environment: Record<string, string> = {}) => {
		const args = [...(shell === 'busybox' ? ['sh'] : []), '-c', script];
		return execFileSync(shellPath(shell), args, { encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } });
	};

	test('a script on the host is told which blocked version this is', async () => {
		await verified();
		const say = (commit: string, images: string) =>
			run(`${blockedFunctions}\nsay_blocked "$commit" "$images" || echo none`, {
				state_dir: deployment.state,
				commit,
				images,
			});
		expect(say(commits[1] ?? '', '')).toMatch(
			/^commit [0-9a-f]{40} was rolled back at \d{4}-\d\d-\d\d \d\d:\d\d UTC by .*@.* \(health fails block x\) in run 20260101T000000Z-aaaaaa, and is blocked until .* UTC\n$/,
		);
		expect(say('', `${first}\n${second}`)).toContain('was rolled back');
		expect(say(commits[0] ?? '', first)).toBe('none\n');
		expect(say('', '')).toBe('none\n');
	});

	test('what may deploy again is named as hosts have it, and nothing else is: not what updates other deployments', () => {
		const root = dirname(deployment.directory);
		const put = (path: string, text: string) => {
			mkdirSync(dirname(join(root, path)), { recursive: true });
			writeFileSync(join(root, path), text);
		};
		put('proc/12/comm', 'Runner.Listener\n');
		put('proc/13/comm', 'postgres\n');
		put(
			'etc/cron.d/deploy',
			'MAILTO=git pull\n*/5 * * * *\tops\tgit -C /srv/shop/app pull && docker-compose up -d --build\n',
		);
		put('etc/cron.d/other', '# */5 * * * * root git pull\n17 3 * * * root certbot renew\n');
		put('var/spool/cron/crontabs/ana', '* * * * * cd /srv/shop && ./update.sh >>/var/log/update.log 2>&1\n');
		put('srv/shop/update.sh', '#!/bin/sh\ndocker compose pull -q\n');
		put('etc/systemd/system/timers.target.wants/app.timer', '[Timer]\nOnCalendar=daily\n');
		put('etc/systemd/system/app.service', '[Service]\nExecStart=/opt/go.sh --now\n');
		put('opt/go.sh', '#!/bin/sh\ngit fetch\ngit reset --hard origin/main\n');
		put('etc/systemd/system/timers.target.wants/trim.timer', '[Timer]\nUnit=trim.service\n');
		put('etc/systemd/system/trim.service', '[Service]\nExecStart=/sbin/fstrim --all\n');
		// Another deployment of the same host, and what updates it.
		put('etc/cron.d/blog', '*/5 * * * * ops cd /srv/blog && git pull && docker compose -f prod.yaml up -d\n');
		put('etc/cron.d/wiki', '0 4 * * * root /srv/wiki/update.sh\n');
		put('srv/wiki/update.sh', '#!/bin/sh\ncd "$(dirname "$0")" || exit\ndocker compose pull\ndocker compose up -d\n');
		put(
			'etc/cron.d/named',
			'0 4 * * * root COMPOSE_PROJECT_NAME=blog docker compose up -d\n0 5 * * * root docker pull nginx:1\n',
		);
		put(
			'etc/cron.daily/all',
			'#!/bin/sh\nfor one in /srv/*/; do cd "$one" && docker compose pull && docker compose up -d; done\n',
		);
		put('etc/cron.daily/mail', '#!/bin/sh\ndocker compose up -d postfix\n');
		put('etc/cron.weekly/ours', '#!/bin/sh\nBASE=/srv\ndocker compose --project-directory ${BASE}/shop pull\n');
		put('etc/cron.weekly/project', '#!/bin/sh\ndocker compose -p shop up -d\n');
		put('etc/cron.weekly/tree', '#!/bin/sh\ngit --work-tree=/srv/blog --git-dir=/srv/blog/.git pull origin main\n');
		put('etc/cron.weekly/tree-of-ours', '#!/bin/sh\ngit --git-dir=/srv/shop/.git pull origin main\n');
		put('etc/cron.weekly/image', '#!/bin/sh\ndocker pull shop/web:2\n');
		const listed =
			'printf "%s\\n" "tower nickfedor/watchtower:latest" "web shop/watchtower-ui:1" "k ghcr.io/moghtech/komodo-periphery@sha256:1"';
		const engine = `engine() { case $1 in inspect) echo "web docker.io/shop/web:1" ;; *) ${listed} ;; esac; }\ncontainers_of() { echo 1; }`;
		const found = run(`${engine}\n${redeployers}`, {
			redeployers_root: root,
			directory: '/srv/shop',
			project: 'shop',
		});
		expect(found.trimEnd().split('\n')).toEqual([
			'Watchtower updates containers: container tower (nickfedor/watchtower:latest)',
			"Komodo's Periphery deploys what Komodo asks for: container k (ghcr.io/moghtech/komodo-periphery@sha256:1)",
			'A GitHub Actions runner takes jobs: process Runner.Listener',
			'cron runs */5 * * * * ops git -C /srv/shop/app pull && docker-compose up -d --build: /etc/cron.d/deploy',
			'cron runs * * * * * cd /srv/shop && ./update.sh >>/var/log/update.log 2>&1: /var/spool/cron/crontabs/ana',
			'cron runs /etc/cron.daily/all (for which deployment is not known)',
			'cron runs /etc/cron.weekly/image',
			'cron runs /etc/cron.weekly/ours',
			'cron runs /etc/cron.weekly/project',
			'cron runs /etc/cron.weekly/tree-of-ours',
			'The timer app.timer runs /opt/go.sh --now (for which deployment is not known)',
		]);
	});
});

test('a host without any of it says nothing', async () => {
	const { stdout } = await runScript(host, `engine() { return 1; }\nredeployers_root=$empty\n${redeployers}`, {
		purpose: 'look',
		variables: { empty: deployment.directory },
	});
	expect(stdout).toBe('');
});
