import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../demo/docker/log.ts';
import type { Container } from '../../demo/docker/types.ts';
import { followServiceLogs } from '../../src/application/logs/followed-logs.ts';
import type { FollowedLogs, LogSince } from '../../src/stores/followed-logs.ts';
import { until } from '../helpers/until.ts';
import { openPlayedEngine, type PlayedEngine } from './played-engine.ts';

let played: PlayedEngine;
const open: FollowedLogs[] = [];
beforeEach(async () => {
	played = await openPlayedEngine();
});
afterEach(async () => {
	for (const logs of open.splice(0)) {
		logs.close();
	}
	await played.close();
});

const monitors = { log: { service: 'engine', pattern: 'error' } } as never;
const follow = (services: readonly string[], since: LogSince = 'newest', secrets: readonly string[] = []) => {
	const target = { runbook: { checks: [], monitors } };
	const logs = followServiceLogs(played.compose.instances, target, services, {
		since,
		secrets: Promise.resolve(secrets),
	});
	open.push(logs);
	return logs;
};
const linesOf = ({ lines, sources }: FollowedLogs): string[] =>
	Array.from({ length: lines.lineCount - lines.firstLine }, (_, index) => {
		const line = lines.firstLine + index;
		const { label } = sources.get()[lines.source(line) ?? -1] ?? { label: '?' };
		return `${label}: ${Buffer.from(lines.line(line) ?? []).toString()}`;
	});
const withoutNotes = (logs: FollowedLogs) => linesOf(logs).filter((line) => !line.includes(': ── '));
const holds = (logs: FollowedLogs, text: string) =>
	until({ get: () => linesOf(logs).slice(-40), subscribe: logs.lines.changed.subscribe }, () =>
		linesOf(logs).some((line) => line.includes(text)),
	);
const older = (logs: FollowedLogs) => until(logs.older, ({ state }) => state !== 'reading');

const start = BigInt(Date.now() - 3_600_000) * 1_000_000n;
/** A line that was written so many ms after an hour ago. */
const write = ({ log }: Container, text: string, ms: number) =>
	log.write(text, 'stdout', start + BigInt(ms) * 1_000_000n);

describe('several services', () => {
	test('stand in the order of Docker’s times, what was there and what comes', async () => {
		const [engine, database] = [await played.run('engine'), await played.run('database')];
		write(engine, 'one', 10);
		write(database, 'two', 20);
		write(engine, 'three', 30);
		write(database, 'four', 40);
		const logs = follow(['engine', 'database']);
		await holds(logs, 'four');
		expect(linesOf(logs)).toEqual(['engine: one', 'database: two', 'engine: three', 'database: four']);
		// The younger one comes first.
		database.log.write('six', 'stdout', start + 60_000_000n);
		engine.log.write('five', 'stdout', start + 50_000_000n);
		await holds(logs, 'six');
		expect(linesOf(logs).slice(4)).toEqual(['engine: five', 'database: six']);
	});

	test('show nothing of one from before the other was read, and that with it', async () => {
		const [engine, database] = [await played.run('engine'), await played.run('database')];
		write(database, 'long ago', 0);
		for (let at = 0; at < 3000; at++) {
			write(engine, `tick ${at}`, 1000 + at);
		}
		const logs = follow(['engine', 'database']);
		await older(logs);
		expect(linesOf(logs)[0]).toBe('engine: tick 1000');
		expect(logs.older.get().state).toBe('more');
		logs.readOlder();
		await holds(logs, 'long ago');
		expect(linesOf(logs).slice(0, 2)).toEqual(['database: long ago', 'engine: tick 0']);
		expect(logs.lines.held).toBe(3001);
	});

	test('the containers of one service have their own names', async () => {
		write(await played.run('engine', 'app-engine-1'), 'first', 10);
		write(await played.run('engine', 'app-engine-2'), 'second', 20);
		const logs = follow(['engine']);
		await holds(logs, 'second');
		expect(linesOf(logs)).toEqual(['engine-1: first', 'engine-2: second']);
	});
});

describe('older lines', () => {
	test('come page by page, each once, to where the log begins', async () => {
		const engine = await played.run('engine');
		const all = Array.from({ length: 12_000 }, (_, at) => `engine: line ${at}`);
		for (let at = 0; at < all.length; at++) {
			write(engine, `line ${at}`, at);
		}
		const logs = follow(['engine']);
		expect((await older(logs)).state).toBe('more');
		expect(linesOf(logs)).toEqual(all.slice(-2000));
		logs.readOlder();
		await until(logs.older, ({ state }) => state === 'more');
		expect(linesOf(logs)).toEqual(all.slice(-7000));
		for (let round = 0; round < 3 && logs.older.get().state === 'more'; round++) {
			logs.readOlder();
			await older(logs);
		}
		expect(logs.older.get().state).toBe('begins');
		expect(linesOf(logs)).toEqual(all);
		engine.log.write('line 12000');
		await holds(logs, 'line 12000');
		expect(linesOf(logs)).toHaveLength(12_001);
	});

	test('are not those from before the time that was asked for', async () => {
		const engine = await played.run('engine');
		write(engine, 'an hour ago', 0);
		write(engine, 'a minute ago', 3_540_000);
		const logs = follow(['engine'], { agoMs: 600_000 });
		await holds(logs, 'a minute ago');
		expect(linesOf(logs)).toEqual(['engine: a minute ago']);
		expect((await older(logs)).state).toBe('since');
	});
});

describe('a log goes on', () => {
	test('where it was left when Docker could not be reached: each line once, and that is said', async () => {
		const engine = await played.run('engine');
		const logs = follow(['engine']);
		await until(logs.status, ({ status }) => status === 'live');
		for (let at = 0; at < 50; at++) {
			engine.log.write(`before ${at}`);
		}
		await holds(logs, 'before 49');
		played.break();
		for (let at = 0; at < 50; at++) {
			engine.log.write(`meanwhile ${at}`);
		}
		await until(logs.status, ({ status }) => status === 'lost');
		played.mend();
		await holds(logs, 'meanwhile 49');
		engine.log.write('after');
		await holds(logs, 'after');
		expect(withoutNotes(logs)).toEqual([
			...Array.from({ length: 50 }, (_, at) => `engine: before ${at}`),
			...Array.from({ length: 50 }, (_, at) => `engine: meanwhile ${at}`),
			'engine: after',
		]);
		expect(linesOf(logs)[50]).toMatch(
			/── the log could not be read from [\d:]+ to [\d:]+; it continues where it stopped$/,
		);
		expect(logs.status.get().status).toBe('live');
	});

	test('and says where lines may be missing, when what was read last is gone from it', async () => {
		const engine = await played.run('engine');
		const logs = follow(['engine']);
		engine.log.write('before');
		await holds(logs, 'before');
		played.break();
		await until(logs.status, ({ status }) => status === 'lost');
		// Rotated, with one file kept.
		Object.assign(engine, { log: createLog() });
		engine.log.write('after');
		played.mend();
		await holds(logs, 'after');
		expect(linesOf(logs)).toEqual([
			'engine: before',
			expect.stringMatching(/── lines of engine may be missing here from .* for example after a rotation$/),
			'engine: after',
		]);
	});

	test('through a restart, and into the next container', async () => {
		const engine = await played.run('engine');
		const logs = follow(['engine']);
		engine.log.write('first run');
		await holds(logs, 'first run');
		await played.engine.restart(engine);
		engine.log.write('second run');
		await holds(logs, 'second run');
		await played.engine.stop(engine);
		await holds(logs, 'engine is exited');
		expect(await until(logs.status, ({ status }) => status === 'ended')).toMatchObject({ reason: 'engine is exited' });
		played.engine.remove(engine);
		(await played.run('engine', 'app-engine-2')).log.write('another container');
		await holds(logs, 'another container');
		expect(withoutNotes(logs)).toEqual(['engine: first run', 'engine: second run', 'engine: another container']);
		expect(linesOf(logs).filter((line) => line.includes('── '))).toEqual([
			expect.stringContaining('engine started again at'),
			expect.stringContaining('engine is exited, exit code 0'),
			expect.stringContaining('a new container of engine: app-engine-2'),
		]);
	});
});

test('secrets are masked, also those that are known by their value only', async () => {
	const engine = await played.run('engine');
	engine.log.write('password=hunter22\nthe phrase is correct-horse-battery\nplain');
	const logs = follow(['engine'], 'newest', ['correct-horse-battery']);
	await holds(logs, 'plain');
	expect(linesOf(logs).join('\n')).not.toMatch(/hunter22|correct-horse/);
	expect(linesOf(logs)).toEqual([
		expect.stringMatching(/^engine: password=••••[0-9a-f]{4}$/),
		expect.stringMatching(/^engine: the phrase is ••••[0-9a-f]{4}$/),
		'engine: plain',
	]);
});
