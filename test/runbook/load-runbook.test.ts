import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRunbook, type ReadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

const files =
	(texts: Readonly<Record<string, string>>): ReadRunbook =>
	(name: string) => {
		const text = texts[name];
		return text === undefined ? undefined : { text, file: `${name}.yaml` };
	};

const load = (text: string, others: Readonly<Record<string, string>> = {}) =>
	loadRunbook(text, 'r.yaml', { readRunbook: files(others), target: { directory: '/srv/shop', project: 'shop' } });

test('a runbook with only a title has every default', () => {
	expect(load('title: Shop')).toEqual({
		title: 'Shop',
		variables: {},
		monitors: {
			health: [],
			metrics: undefined,
			alerts: undefined,
			backups: undefined,
			disk: { path: '/', warnPercent: 80, downPercent: 95, intervalMs: 60_000 },
			commit: undefined,
			log: undefined,
		},
		checks: [],
		verification: { checks: [], settleMs: 30_000, deadlineMs: 300_000 },
		keeps: [],
		links: [],
		procedures: [],
		suggestions: [],
	});
});

test('every part of a runbook arrives as it is written', () => {
	const runbook = load(readFileSync(join(import.meta.dirname, 'fixtures', 'shop.yaml'), 'utf8'));
	const input = {
		name: 'commit',
		title: 'Commit',
		type: 'commit',
		choices: 'git log',
		resolve: 'git rev-parse "$value"',
		preset: 'first',
	};
	const ask = 'echo "${' + 'engine} ${' + 'unknown}"';
	expect(runbook).toEqual({
		title: 'shop in /srv/shop',
		variables: { engine: 'web', port: '08080', base: 'http://127.0.0.1:08080', empty: '' },
		monitors: {
			health: [
				{
					name: 'web',
					url: 'http://127.0.0.1:08080/health',
					through: 'direct',
					intervalMs: 1500,
					timeoutMs: 500,
					expect: { status: 204, body: '^ok' },
				},
			],
			metrics: {
				url: 'http://127.0.0.1:08080/metrics',
				through: 'host',
				intervalMs: 5000,
				timeoutMs: 5000,
				series: [
					{ series: 'nav', title: 'nav', rate: false },
					{ series: 'orders', title: 'Orders', unit: '/s', rate: true },
				],
			},
			alerts: { url: 'http://127.0.0.1:9093', through: 'host', intervalMs: 15_000, timeoutMs: 5000, ignore: [] },
			backups: { patterns: ['b/*.sql'], warnAfterMs: 26 * 3_600_000, intervalMs: 60_000 },
			disk: { path: '/srv', warnPercent: 70, downPercent: 90, intervalMs: 60_000 },
			commit: { intervalMs: 30_000 },
			log: { service: 'web', pattern: '\\berror\\b', except: 'ignore' },
		},
		checks: [
			{ id: 'containers', title: 'containers', kind: 'containers', except: ['once'] },
			{
				id: 'health',
				title: 'Health',
				kind: 'http',
				url: 'http://127.0.0.1:08080/health',
				through: 'host',
				timeoutMs: 5000,
				expect: { status: 200 },
			},
			{ id: 'gateway', title: 'gateway', kind: 'log-state', service: 'web', good: 'up', bad: 'down', since: ['web'] },
			{ id: 'errors', title: 'errors', kind: 'log-errors', service: 'web', pattern: 'error', compare: 'none' },
			{
				id: 'metrics',
				title: 'metrics',
				kind: 'metrics',
				url: 'http://127.0.0.1:08080/metrics',
				through: 'host',
				timeoutMs: 5000,
				prefix: 'shop_',
				moves: false,
				alsoMoves: [],
			},
			{ id: 'gone', title: 'gone', kind: 'stopped', services: ['web'] },
			{ id: 'there', title: 'there', kind: 'running', services: ['db'] },
		],
		verification: { checks: ['health', 'containers'], settleMs: 10_000, deadlineMs: 120_000 },
		keeps: [],
		links: [{ title: 'Grafana', url: 'http://127.0.0.1:3000/?a=${' + 'b}' }],
		procedures: [
			{
				id: 'back',
				title: 'Back to a commit',
				group: 'Quick',
				when: 'Now',
				risk: 'disruptive',
				inputs: [input, { name: 'dump', title: 'dump', type: 'text', choices: 'ls', preset: 'none' }],
				preconditions: [
					{ id: 'docker', title: 'Docker', script: 'docker version' },
					{ id: 'asked', title: 'Asked', script: ask },
				],
				previews: [{ title: 'Log', script: ask }],
				steps: [
					{
						id: 'build',
						title: 'Build web',
						kind: 'run',
						script: 'docker compose build "${' + 'engine}"',
						timeoutMs: 900_000,
						mayFail: false,
					},
					{ id: 'ask', title: 'Ask', kind: 'run', script: ask, timeoutMs: 300_000, mayFail: true },
					{
						id: 'login',
						title: 'Login',
						kind: 'wait',
						script: 'true',
						timeoutMs: 60_000,
						intervalMs: 1000,
						mayFail: false,
					},
					{
						id: 'asked',
						title: 'Asked',
						kind: 'wait',
						script: ask,
						timeoutMs: 180_000,
						intervalMs: 2000,
						mayFail: false,
					},
					{ id: 'rest', title: 'Rest', kind: 'wait', script: '', timeoutMs: 10_000, mayFail: false },
				],
				interrupts: ['web'],
				restorePoint: true,
				verify: ['health'],
				expects: { service: 'web', commit: 'commit' },
				notes: ['Well done'],
			},
			{
				id: 'look',
				title: 'Look',
				group: 'Procedures',
				when: '',
				risk: 'read-only',
				inputs: [],
				preconditions: [],
				previews: [],
				steps: [],
				interrupts: [],
				restorePoint: false,
				verify: ['health', 'containers'],
				notes: [],
			},
		],
		suggestions: [{ procedure: 'back', why: 'it crashes', when: { restarting: 'web', failed: 'health' } }],
	});
});

const base = `
title: Base
variables: { service: app, port: 80 }
monitors:
  metrics: { url: http://127.0.0.1/metrics }
  disk: { warnAt: 50 }
checks:
  up: { kind: running, services: ["\${service}"] }
  probe: { kind: http, url: "http://127.0.0.1:\${port}/", timeout: 1s }
scripts: { hello: echo hello }
procedures:
  one: { title: One, risk: read-only, steps: [{ id: a, title: A, script: hello }] }
  two: { title: Two, risk: disruptive, steps: [{ id: a, title: A, script: hello }] }
  three: { title: Three, risk: read-only }
suggestions: [{ procedure: two, why: two helps, when: { unhealthy: app } }]
`;

test('extends lays mappings over each other key by key and replaces lists and elements of another kind', () => {
	const runbook = load(
		`
extends: base
title: Mine
variables: { service: engine }
monitors: { metrics: false, disk: { downAt: 60 } }
checks: { probe: { kind: stopped, services: [x] }, more: { kind: containers } }
scripts: { hello: echo moin }
procedures:
  four: { title: Four, risk: read-only }
  one: { title: Uno, steps: [{ id: b, title: B, script: hello }] }
  two: { disabled: true }
`,
		{ base },
	);
	expect(runbook.title).toBe('Mine');
	expect(runbook.variables).toEqual({ service: 'engine', port: '80' });
	expect(runbook.monitors.metrics).toBeUndefined();
	expect(runbook.monitors.disk).toMatchObject({ warnPercent: 50, downPercent: 60 });
	expect(runbook.checks).toEqual([
		{ id: 'up', title: 'up', kind: 'running', services: ['engine'] },
		{ id: 'probe', title: 'probe', kind: 'stopped', services: ['x'] },
		{ id: 'more', title: 'more', kind: 'containers', except: [] },
	]);
	expect(runbook.procedures.map(({ id, title, risk }) => [id, title, risk])).toEqual([
		['one', 'Uno', 'read-only'],
		['three', 'Three', 'read-only'],
		['four', 'Four', 'read-only'],
	]);
	expect(runbook.procedures[0]?.steps).toMatchObject([{ id: 'b', script: 'echo moin' }]);
	// Suggestions of the removed procedure are removed too.
	expect(runbook.suggestions).toEqual([]);
});

test('order puts the named procedures first', () => {
	const ids = (order: string) => load(`extends: base\norder: ${order}`, { base }).procedures.map(({ id }) => id);
	expect(ids('[three, one]')).toEqual(['three', 'one', 'two']);
});

test('aliases of YAML may be used', () => {
	const runbook = load('title: &t Same\nlinks: [{ title: *t, url: http://a/ }]');
	expect(runbook.links).toEqual([{ title: 'Same', url: 'http://a/' }]);
});
