import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Target } from '../../src/runbook/runbook.ts';
import { lookHere } from '../../src/services/doctor/client.ts';
import { takeLocalValues } from '../../src/services/monitors/local-values.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-doctor-'));
	writeFileSync(join(folder, 'ssh_config'), 'Host *\n  IdentitiesOnly yes\n');
	writeFileSync(join(folder, 'id'), 'a key, for all that is looked at');
	writeFileSync(join(folder, 'known_hosts'), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const target = (settings: Partial<Target['ssh']> = {}) =>
	({
		host: 'deploy@192.0.2.1',
		runbook: { monitors: {}, checks: [] } as unknown as Target['runbook'],
		ssh: {
			configFile: join(folder, 'ssh_config'),
			identityFile: join(folder, 'id'),
			knownHosts: join(folder, 'known_hosts'),
			...settings,
		},
	}) as Target;

test('variables and certificates that requests need are looked for here', async () => {
	takeLocalValues(folder, { IN_THE_ENVIRONMENT: 'x' });
	const request = (env: string, ca: string) => ({ url: 'https://h/', headers: { 'X-Key': { env, prefix: '' } }, ca });
	const needs = (...all: object[]) => ({ ...target(), runbook: { monitors: { health: all }, checks: all } as never });
	writeFileSync(join(folder, '.env'), 'IN_THE_FILE=y\n');
	expect(await look({}, needs(request('IN_THE_ENVIRONMENT', 'id'), request('IN_THE_FILE', 'id')))).toEqual([]);
	expect(await lookHere(needs(request('NOWHERE', 'gone.pem')), here)).toContainEqual(
		expect.objectContaining({
			id: 'request-values',
			state: 'failed',
			found: `missing: NOWHERE, ${join(folder, 'gone.pem')}; the endpoints that need them are unknown`,
		}),
	);
});

const terminal = { columns: 120, rows: 40, colourDepth: 24 };
const here = {
	env: { PATH: process.env.PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
	nodeVersion: 'v24.1.0',
	terminal,
};

const look = async (surroundings: Partial<typeof here> = {}, of = target()) => {
	const findings = await lookHere(of, { ...here, ...surroundings });
	return findings.filter(({ state }) => state !== 'ok').map(({ id, state, fix }) => ({ id, state, fix }));
};

test('nothing is wrong where everything is there', async () => {
	expect(await look()).toEqual([]);
});

test('what is missing here is named, each with what mends it', async () => {
	expect(await look({ nodeVersion: 'v20.20.2' })).toEqual([
		{ id: 'node', state: 'failed', fix: 'Install Node 22.12 or newer.' },
	]);
	expect(await look({ terminal: { ...terminal, columns: 70 } })).toMatchObject([{ id: 'terminal', state: 'warn' }]);
	expect(await look({ terminal: { ...terminal, rows: 10 } })).toMatchObject([{ id: 'terminal', state: 'failed' }]);
	expect(await look({ env: { ...here.env, TERM: 'dumb' } })).toMatchObject([{ id: 'terminal', state: 'failed' }]);
	expect(await look({ env: { ...here.env, LANG: 'C' } })).toMatchObject([{ id: 'utf-8', state: 'warn' }]);
	expect(await look({}, target({ knownHosts: join(folder, 'nowhere') }))).toEqual([
		{ id: 'known-hosts', state: 'failed', fix: expect.stringContaining('ssh deploy@192.0.2.1') },
	]);
	expect(await look({}, target({ identityFile: join(folder, 'gone') }))).toMatchObject([
		{ id: 'agent', state: 'warn' },
	]);
});
