import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { saveRunOutput, saveServiceLog } from '../../src/application/runs/save-output.ts';
import type { Host } from '../../src/services/host/host.ts';
import { createOutputBuffer } from '../../src/stores/byte-ring.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;
let folder: string;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-save-'));
});
afterEach(async () => {
	vi.useRealTimers();
	rmSync(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;

test('the whole output of a run is saved byte by byte, however long it is', async () => {
	const { id } = await startRun(host, {
		plan: deployment.plan([step('long', 'seq 1 200000; printf "\\033[31mred\\033[0m, no line end"')]),
		who,
		reason: '',
		state: deployment.state,
	});
	const { bytes } = await finish(host, deployment.where, id);
	const place = { host, target: deployment.where };
	const saved = await saveRunOutput(place, id, { folder, signal });
	expect(saved.bytes).toBe(bytes.length);
	expect(bytes.length).toBeGreaterThan(1024 * 1024);
	expect(readFileSync(saved.file).equals(bytes)).toBe(true);
	expect(saved.file).toMatch(new RegExp(`/backout-${id}-\\d{8}T\\d{6}Z\\.log$`));
	expect(statSync(saved.file).mode & 0o777).toBe(0o600);
});

test('nothing is left behind when the output cannot be read', async () => {
	const place = { host, target: deployment.where };
	const saving = saveRunOutput(place, '20261122T031020Z-0a1b2c', { folder, signal });
	await expect(saving).rejects.toMatchObject({ code: 'usage' });
	expect(readdirSync(folder)).toEqual([]);
});

test('a log is saved from memory, never over another file and never outside the folder', async () => {
	vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 3, 10, 20), toFake: ['Date'] });
	const output = createOutputBuffer({ lines: 2 });
	output.append(Buffer.from('forgotten\nkept 1\nkept 2'));
	writeFileSync(join(folder, 'backout-.._.._etc-20261122T031020Z.log'), 'mine');
	const saved = await saveServiceLog('../../etc', output, folder);
	expect(saved.file).toBe(join(folder, 'backout-.._.._etc-20261122T031020Z-2.log'));
	expect(readFileSync(saved.file, 'utf8')).toBe('kept 1\nkept 2\n');
	expect(readFileSync(join(folder, 'backout-.._.._etc-20261122T031020Z.log'), 'utf8')).toBe('mine');
});

test('a folder that is not there is said', async () => {
	const output = createOutputBuffer();
	output.append(Buffer.from('a\n'));
	await expect(saveServiceLog('web', output, join(folder, 'gone'))).rejects.toMatchObject({
		code: 'failed',
		message: expect.stringContaining('ENOENT'),
		next: expect.stringContaining('folder'),
	});
});
