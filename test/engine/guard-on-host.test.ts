import { spawn } from 'node:child_process';
import { describe, expect } from 'vitest';
import { program } from '../helpers/program.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';
import { crashes, dockerfile, serves } from './harness/files.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

const files = (version: string, app: string) => ({
	'compose.yaml': 'services:\n  web: { build: ., restart: always, stop_grace_period: 1s }\n',
	Dockerfile: dockerfile(version),
	'app.sh': app,
});

/** Version 1 is deployed, and then version 2. */
const release = async (openSite: OpenSite, second: string): Promise<{ site: Site; first: string; newest: string }> => {
	const site = await openSite();
	const first = await site.commit('version 1', files('1', serves));
	await site.deploy();
	const newest = await site.commit('version 2', files('2', second));
	await site.deploy();
	return { site, first, newest };
};

const words = (first: string, seconds: number) => [
	...['guard', '--on-host', '--procedure', 'rollback-commit', '--input', `commit=${first}`],
	...['--for', `${seconds}s`, '--grace', '1s', '--interval', '1s', '--yes'],
];

/** Starts a guard on the host, kills the command that follows it as soon as it watches, and returns the run's id. */
const guardAndKill = (site: Site, first: string, seconds: number): Promise<string> =>
	new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [program, ...words(first, seconds)], {
			cwd: site.folder,
			env: site.env as NodeJS.ProcessEnv,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let text = '';
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (part: string) => {
				text += part;
				if (/\d\d:\d\d:\d\d (all pass|well|failing|fails|unknown)/.test(text)) {
					child.kill('SIGKILL');
				}
			});
		}
		child.on('close', (code, signal) => {
			const id = /attach (\d{8}T\d{6}Z-[0-9a-f]{6})/.exec(text)?.[1];
			if (signal === 'SIGKILL' && id !== undefined) {
				resolve(id);
			} else {
				reject(new Error(`it ended by itself with ${code}: ${text}`));
			}
		});
	});

/** An sshd whose sessions reach the engine of the tests, and the config by which the site is reached through it. */
const openSshd = async (site: Site): Promise<Sshd> => {
	const passed = ['PATH', 'DOCKER_HOST', 'GIT_CONFIG_GLOBAL'].map((name) => `${name}=${site.env[name]}`);
	const sshd = await startSshd([`SetEnv SHLVL=1 ${passed.join(' ')}`]);
	site.configure([`host: ${sshd.destination}`, `identityFile: ${sshd.identity}`, `knownHosts: ${sshd.knownHosts}`]);
	return sshd;
};

describe.skipIf(withoutEngine ?? sshdMissing())('guard --on-host', () => {
	test('rolls a bad release back although the command was killed and sshd was restarted', async ({
		openSite,
		onTestFinished,
	}) => {
		const { site, first } = await release(openSite, crashes);
		const before = await openSshd(site);
		const run = await guardAndKill(site, first, 60);
		await before.stop();
		const sshd = await openSshd(site);
		onTestFinished(() => sshd.stop());
		const attached = await site.backout('attach', run);
		expect(await site.git('rev-parse', 'HEAD'), attached.text).toBe(first);
		expect(attached.text).toMatch(/The checks have failed for \d+ s: .*web (?:is restarting|was restarted just now)/);
		expect(attached.text).toContain('All checks of the host have passed for 3 s');
		expect(attached.text).toMatch(/rolled back and verified: failed for \d+ s/);
		expect(attached.code, attached.text).toBe(1);
		// Whoever attaches later sees the same.
		const again = await site.backout('attach', run);
		expect(again.code, again.text).toBe(1);
	});

	test('leaves a good one alone', { tags: 'long' }, async ({ openSite }) => {
		const { site, first, newest } = await release(openSite, serves);
		const guarded = await site.backout(...words(first, 8));
		expect(guarded.text).toMatch(/healthy until the end/);
		expect(guarded.code, guarded.text).toBe(0);
		expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
	});

	test("keeps nobody from the lock, and stands down for an operator's run", { tags: 'long' }, async ({ openSite }) => {
		const { site, first, newest } = await release(openSite, serves);
		const run = await guardAndKill(site, first, 60);
		const operator = await site.backout('run', 'restart-service', '--input', 'restarted=web', '--yes');
		expect(operator.code, operator.text).toBe(0);
		const attached = await site.backout('attach', run);
		expect(attached.text).toMatch(/The guard stands down: (somebody else has the lock|run .* has changed something)/);
		expect(attached.code, attached.text).toBe(4);
		expect(await site.git('rev-parse', 'HEAD')).toBe(newest);
	});
});
