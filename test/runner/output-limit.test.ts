import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveRunOutput } from '../../src/application/runs/save-output.ts';
import { defaultRunLimits } from '../../src/runbook/run-limits.ts';
import type { Host } from '../../src/services/host/host.ts';
import { followRun, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

const mebibyte = 1024 * 1024;
const signal = new AbortController().signal;

const start = (steps: Parameters<Deployment['plan']>[0], outputBytes: number) =>
	startRun(host, {
		plan: deployment.plan(steps),
		who,
		reason: '',
		state: deployment.state,
		limits: { ...defaultRunLimits, outputBytes },
	});

const fileOf = (id: string) => join(deployment.state, 'runs', id, 'out');
const onDisk = (id: string) => statSync(fileOf(id)).blocks * 512;

/** Numbered lines of 64 bytes: what stands at an offset is known. */
const lines = (count: number) => `seq -f 'line %058.0f' 1 ${count}`;
const lineAt = (offset: number) => `line ${String(offset / 64 + 1).padStart(58, '0')}\n`;

test('a long output keeps its head and its tail, and says exactly what is missing between them', async () => {
	const count = 1_000_000;
	const { id } = await start(
		[step('before', 'echo; printf "%63s" ""'), step('long', lines(count)), step('after', 'echo after')],
		2 * mebibyte,
	);
	const { run, bytes, gaps } = await finish(host, deployment.where, id);
	expect(run.state).toBe('succeeded');
	expect(run.outputBytes).toBe(64 * (count + 1) + 6);
	// Seen while it ran or not, every byte is either here or in the gap.
	expect(bytes.length + gaps.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(run.outputBytes);
	expect(onDisk(id)).toBeLessThan(3 * mebibyte);

	// Once more, from byte 0, when all is over: the same for everybody.
	const again = await finish(host, deployment.where, id);
	const [gap, ...more] = again.gaps;
	expect(more).toEqual([]);
	expect(gap).toEqual(run.outputGap);
	expect(gap?.from).toBe(mebibyte);
	expect(again.bytes.length + (gap?.to ?? 0) - (gap?.from ?? 0)).toBe(run.outputBytes);
	expect(again.bytes.includes(0)).toBe(false);
	const text = again.output;
	expect(text.slice(64, 128)).toBe(lineAt(0));
	expect(text.slice(mebibyte, mebibyte + 64)).toBe(lineAt((gap?.to ?? 0) - 64));
	expect(text.endsWith(`${lineAt(64 * (count - 1))}after\n`)).toBe(true);
	// Offsets in the records still lead to the right place.
	const last = run.steps[2];
	expect(readFileSync(fileOf(id)).subarray(last?.outputFrom, last?.outputTo).toString()).toBe('after\n');

	// From inside the gap: its rest, then the rest of the output.
	const inside = await finish(host, deployment.where, id, 2 * mebibyte);
	expect(inside.gaps).toEqual([{ from: 2 * mebibyte, to: gap?.to }]);

	const folder = mkdtempSync(join(tmpdir(), 'backout-save-'));
	try {
		const saved = await saveRunOutput({ host, target: deployment.where }, id, { folder, signal });
		const kept = readFileSync(saved.file, 'utf8');
		const missing = ((gap?.to ?? 0) - (gap?.from ?? 0)).toLocaleString('en-US');
		expect(kept).toContain(`\n… ${missing} bytes left out`);
		expect(kept.slice(0, mebibyte)).toBe(text.slice(0, mebibyte));
		expect(kept.endsWith(text.slice(mebibyte))).toBe(true);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('output is cut while a step still prints, and a reader who is slow is never given zeros for it', async () => {
	const { id } = await start([step('long', `while [ ! -e stop ]; do ${lines(20_000)}; done`)], mebibyte);
	let seen = 0;
	let gaps = 0;
	let zeros = false;
	const enough = new AbortController();
	await followRun(host, deployment.where, id, {
		signal: enough.signal,
		onOutput: (bytes) => {
			seen += bytes.length;
			zeros ||= bytes.includes(0);
			// A busy reader: the channel fills up behind it.
			const until = performance.now() + 5;
			while (performance.now() < until) {}
		},
		onGap: () => {
			gaps++;
			if (gaps > 3) {
				enough.abort(new Error('enough'));
			}
		},
	}).catch((error: unknown) => expect(error).toEqual(new Error('enough')));
	expect({ zeros, gaps }).toEqual({ zeros: false, gaps: 4 });
	expect(seen).toBeGreaterThan(0);
	writeFileSync(join(deployment.directory, 'stop'), '');
	const { run } = await finish(host, deployment.where, id);
	expect(run.state).toBe('succeeded');
	expect(onDisk(id)).toBeLessThan(2 * mebibyte);
});

test('zeros that a program printed are its output', async () => {
	const { id } = await start([step('zeros', 'echo a; head -c 300000 /dev/zero; echo b')], 64 * mebibyte);
	const { bytes, gaps } = await finish(host, deployment.where, id);
	expect(gaps).toEqual([]);
	const hash = (data: Buffer) => createHash('sha1').update(data).digest('hex');
	expect(hash(bytes)).toBe(hash(Buffer.concat([Buffer.from('a\n'), Buffer.alloc(300_000), Buffer.from('b\n')])));
});
