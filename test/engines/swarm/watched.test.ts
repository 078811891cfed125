import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exec } from '../../lab/exec.ts';

const engines = join(import.meta.dirname, '../../../src/engines');
const functions = ['docker/json.sh', 'docker/seconds-of.sh', 'swarm/swarm-watched.sh']
	.map((path) => readFileSync(join(engines, path), 'utf8'))
	.join('\n');
const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([name]) =>
	['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, name ?? ''))),
);

const at = (clock: string) => `2026-11-29T${clock}Z`;
const task = (
	id: string,
	{ service, created, more = {} }: { readonly service: string; readonly created: string; readonly more?: object },
	status: object,
) => ({
	ID: id,
	ServiceID: `s-${service}`,
	Slot: 1,
	NodeID: 'n1',
	DesiredState: 'shutdown',
	CreatedAt: at(created),
	Status: status,
	...more,
});
const failed = (code: number, clock: string) => ({
	State: 'failed',
	Timestamp: at(clock),
	ContainerStatus: { ExitCode: code },
	Err: `task: non-zero exit (${code})`,
});
const running = (id: string, service: string, created: string) =>
	task(
		id,
		{ service, created, more: { DesiredState: 'running' } },
		{ State: 'running', Timestamp: at(created), ContainerStatus: { ExitCode: 0 } },
	);

describe.each(shells)('a guard on the host in %s', (shell, ...words) => {
	test('counts crashes of a task, and no end that its node brought about', async () => {
		const tasks = [
			// Given up before its node came back, and told of its end.
			task('w1', { service: 'web', created: '22:58:35.1' }, failed(137, '23:06:40.6')),
			task(
				'w2',
				{ service: 'web', created: '23:06:09.9' },
				{ State: 'rejected', Timestamp: at('23:06:40.8'), Err: 'no network when swarm is not active' },
			),
			running('w3', 'web', '23:06:41.0'),
			// Gone with the engine, and with each other.
			task('d1', { service: 'db', created: '22:58:35.2' }, failed(255, '23:06:40.5')),
			running('d2', 'db', '23:06:41.0'),
			task('q1', { service: 'queue', created: '22:58:35.2' }, failed(255, '23:06:40.9')),
			running('q2', 'queue', '23:06:41.0'),
			// It crashed.
			task('c1', { service: 'cron', created: '23:00:00.0' }, failed(255, '23:02:00.0')),
			running('c2', 'cron', '23:02:05.0'),
		];
		const names = ['web', 'db', 'queue', 'cron'];
		const rows = names.map((name) => [name, `s-${name}`, '1', 'app:1', '1', '-', 'sum', '{}', '{}'].join('\t'));
		const played = `service_rows() { printf '%s\\n' "$rows"; }\nof_stack() { :; }\napi() { printf '%s' "$tasks"; }`;
		const { stdout, stderr } = await exec(shell, [...words, '-s'], {
			input: `${functions}\n${played}\nlist_watched\n`,
			env: { rows: rows.join('\n'), tasks: JSON.stringify(tasks) },
		});
		const restarts = stdout
			.trim()
			.split('\n')
			.map((line) => line.split('\t'))
			.map(([name, , id, status, , , count, , , , , , period]) => [name, id, status, count, period]);
		expect(restarts, stderr).toEqual([
			['cron', 'c2', 'running', '1', '125'],
			['db', 'd2', 'running', '0', '-'],
			['queue', 'q2', 'running', '0', '-'],
			['web', 'w3', 'running', '0', '-'],
		]);
	});
});
