import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backout, run, type ServedDemo, serveDemo } from './demo.ts';

/** Waits and steps of a whole procedure, on a machine that does much else. */
const patience = 420_000;

const using = async (incident: string, work: (demo: ServedDemo) => Promise<void>) => {
	const demo = await serveDemo(incident);
	try {
		await work(demo);
	} finally {
		const { code } = await demo.stop();
		expect(code).toBe(0);
		expect(existsSync(demo.folder)).toBe(false);
	}
};

const expectVerified = async (demo: ServedDemo, ...args: readonly string[]) => {
	const { code, said } = await demo.backout('run', ...args, '--reason', 'a try');
	expect(code, said).toBe(0);
	return said;
};

const firstChoice = async (demo: ServedDemo, procedure: string): Promise<string> => {
	const { said } = await demo.backout('inputs', procedure, '--json');
	const [, value = ''] = /"choices":\[\{[^}]*?"value":"([^"]+)"/.exec(said) ?? [];
	expect(value, said).not.toBe('');
	return value;
};

describe.concurrent('each incident is solved by the procedure that fits', () => {
	test(
		'failed-deployment: a second service, for which the engine alone would not do',
		{ timeout: patience, tags: 'long' },
		() =>
			using('failed-deployment', async (demo) => {
				// The demo's Docker answers all that a plan asks.
				expect((await demo.backout('plan', 'failed-deployment')).said).not.toContain('not known');
				const said = await expectVerified(demo, 'failed-deployment', '--yes');
				expect(said).toMatch(/Container grafana {2}Recreated/);
				// The work tree really stands at the commit before.
				expect((await demo.onHost('git', 'log', '-1', '--format=%s')).said.trim()).toBe('Round sizes to whole lots');
			}),
	);

	test('config: a copy of .env takes its place', { timeout: patience, tags: 'long' }, () =>
		using('config', async (demo) => {
			await expectVerified(
				demo,
				'config-error',
				'--yes',
				'--input',
				`source=${await firstChoice(demo, 'config-error')}`,
			);
			expect((await demo.onHost('cat', '.env')).said).toContain('FORCE_EXECUTION=0\n');
		}),
	);

	test(
		'database: a dump is restored beside what stands, and exchanged with it',
		{ timeout: patience, tags: 'long' },
		() =>
			using('database', async (demo) => {
				const tables = async () =>
					(
						await demo.onHost(
							...['docker', 'exec', 'postgres', 'psql', '-At', '-U', 'postgres', '-d', 'abstractfinance'],
							...['-c', 'SELECT tablename FROM pg_tables'],
						)
					).said.split('\n');
				expect(await tables()).not.toContain('positions');
				// A container that has been up for a day began its log then.
				const [first = ''] = (await demo.onHost('docker', 'logs', '-t', 'postgres')).said.split(' ');
				expect(Date.now() - Date.parse(first)).toBeGreaterThan(24 * 3_600_000);
				await expectVerified(demo, 'database-restore', '--confirm', 'demo');
				expect(await tables()).toContain('positions');
				// What runs now is well: one service is restarted, and no other.
				const planned = await demo.backout('plan', 'restart-service', '--input', 'restarted=grafana');
				expect(planned.said).toContain('Services interrupted: grafana\n');
				expect(await expectVerified(demo, 'restart-service', '--yes', '--input', 'restarted=grafana')).toContain(
					'Restarted grafana',
				);
				const refused = await demo.backout('plan', 'restart-service', '--input', 'restarted=elsewhere');
				expect(refused.code).toBe(4);
				expect(refused.said).toContain('"elsewhere" is not one of the choices for restarted');
				expect(refused.said).toMatch(/`\S.* --config \S+ inputs restart-service` lists the choices/);
			}),
	);

	test('gateway: a restart, then a stop of everything, and its way back', { timeout: patience, tags: 'long' }, () =>
		using('gateway', async (demo) => {
			await expectVerified(demo, 'gateway-restart', '--yes');
			await expectVerified(demo, 'stop-everything', '--confirm', 'demo');
			expect((await demo.onHost('docker', 'ps', '-q')).said).toBe('');
			const undone = await demo.backout('undo', 'last', '--confirm', 'demo', '--reason', 'a try');
			expect(undone.code, undone.said).toBe(0);
		}),
	);
});

test('init writes a config and a runbook for the demo host', { timeout: patience }, () =>
	using('crash', async (demo) => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-init-'));
		try {
			const [, host = ''] = /"host":"([^"]+)"/.exec(readFileSync(demo.config, 'utf8')) ?? [];
			const keys = ['--identity-file', join(demo.folder, 'id'), '--known-hosts', join(demo.folder, 'known_hosts')];
			const { code, said } = await run(
				process.execPath,
				[backout, 'init', host, ...keys, '--output', folder],
				process.env,
			);
			expect(code, said).toBe(0);
			expect(said).toMatch(/Services +.*ibgateway.*trading-engine/);
			const file = join(folder, 'backout.yaml');
			expect(await run(process.execPath, [backout, 'check', file], process.env)).toMatchObject({ code: 0 });
		} finally {
			rmSync(folder, { recursive: true });
		}
	}),
);

test('a command that is not simulated fails with a message that says so', { timeout: patience }, () =>
	using('crash', async (demo) => {
		expect(await demo.onHost('docker', 'swarm', 'init')).toMatchObject({
			code: 125,
			said: expect.stringContaining("the demo does not simulate 'docker swarm'"),
		});
		expect(await demo.onHost('docker', 'ps', '--size')).toMatchObject({
			code: 1,
			said: expect.stringContaining('--size'),
		});
	}),
);

test('an incident that there is not one of: the names are told, and nothing is started', async () => {
	const { code, said } = await run(process.execPath, [backout, 'demo', 'flood'], process.env);
	expect(code).toBe(2);
	expect(said).toContain('crash, failed-deployment, config, database, gateway');
});
