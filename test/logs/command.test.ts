import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { backout, type ServedDemo, serveDemo } from '../demo/demo.ts';

// Each command is a process with a connection of its own.
let demo: ServedDemo;
beforeAll(async () => {
	demo = await serveDemo('crash');
});
afterAll(() => demo?.stop());

const rows = (text: string) => text.split('\n').filter((row) => row !== '');

test('all services together, in the order of their times, each line behind a name', async () => {
	const { code, stdout } = await demo.backoutApart('logs', '--timestamps');
	expect(code).toBe(0);
	const read = rows(stdout).map((row) => /^(\S+) +\| (\S+Z) /.exec(row)?.slice(1) ?? [row]);
	expect(new Set(read.map(([service]) => service))).toEqual(
		new Set(['alertmanager', 'grafana', 'ibgateway', 'loki', 'postgres', 'prometheus', 'trading-engine']),
	);
	const times = read.map(([, time]) => time);
	expect(times).toEqual([...times].sort());
});

test('filtered by text, by regular expression, inverted, by number and by time', async () => {
	const say = async (...args: string[]) => rows((await demo.backoutApart('logs', 'postgres', ...args)).stdout);
	const all = await say();
	expect(all.length).toBeGreaterThan(1);
	const ready = all.filter((row) => row.includes('ready to accept'));
	expect(await say('--grep', 'ready to accept')).toEqual(ready);
	expect(await say('--regexp', 'ready\\s+to', '--invert')).toEqual(all.filter((row) => !ready.includes(row)));
	expect(await say('--tail', '1')).toEqual(all.slice(-1));
	expect(await say('--since', '2099-01-01T00:00:00Z')).toEqual([]);
});

test.each([
	[['nothing'], /no service "nothing"[\s\S]*the services are: alertmanager/],
	[['--regexp', '('], /"\(" is not a regular expression: Unterminated group/],
	[['--since', 'yesterday'], /neither a duration nor a time/],
	[['--regexp', '^(.+)+\\d{9}$'], /takes too long/],
])('%j is refused, and why', async (args, why) => {
	const { code, stderr } = await demo.backoutApart('logs', ...args);
	expect([code, stderr]).toEqual([2, expect.stringMatching(why)]);
});

test('followed through a restart, each line once', async () => {
	const child = spawn(process.execPath, [
		backout,
		'--config',
		demo.config,
		'logs',
		'trading-engine',
		'--follow',
		'--json',
	]);
	let said = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	let complained = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		complained += text;
	});
	const ended = new Promise((resolve) => child.once('close', resolve));
	try {
		await vi.waitFor(() => expect(said.match(/"log-note".*started again/g)?.length).toBeGreaterThan(1), 60_000);
	} finally {
		child.kill('SIGINT');
		await ended;
	}
	const starts = rows(said).filter((row) => /ContinuousScheduler started"/.test(row));
	expect(complained).toMatch(/stopped by the operator/);
	expect(complained).not.toMatch(/goes on/);
	expect(starts.length).toBeGreaterThan(2);
	expect(new Set(starts).size).toBe(starts.length);
});
