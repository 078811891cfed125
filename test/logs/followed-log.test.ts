import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followServiceLog } from '../../src/application/logs/followed-log.ts';
import type { FollowedLog } from '../../src/stores/workspace.ts';
import { until } from '../helpers/until.ts';
import { openPlayedEngine, type PlayedEngine } from './played-engine.ts';

let played: PlayedEngine;
let log: FollowedLog;
beforeEach(async () => {
	played = await openPlayedEngine();
});
afterEach(async () => {
	log.close();
	await played.close();
});

const follow = (secrets: readonly string[] = []) => {
	log = followServiceLog(played.compose.instances, 'engine', Promise.resolve(secrets));
};
const linesOf = (): string[] =>
	Array.from({ length: log.output.lineCount }, (_, line) => Buffer.from(log.output.line(line) ?? []).toString());
const holds = (text: string) =>
	until({ get: linesOf, subscribe: log.output.changed.subscribe }, () => linesOf().some((line) => line.includes(text)));

describe('the log of a service, for the pane of the dashboard', () => {
	test('goes through a restart and into the next container; what does not run is said', async () => {
		const first = await played.run('engine');
		first.log.write('first run');
		follow();
		await holds('first run');
		await played.engine.restart(first);
		first.log.write('second run');
		await holds('second run');
		await played.engine.stop(first);
		expect(await until(log.status, ({ status }) => status === 'ended')).toMatchObject({ reason: 'engine is exited' });
		played.engine.remove(first);
		await until(log.status, ({ reason }) => reason === 'there is no container of engine');
		(await played.run('engine', 'app-engine-2')).log.write('another container');
		await holds('another container');
		expect(log.status.get()).toEqual({ status: 'live' });
		expect(linesOf()).toEqual(['first run', 'second run', 'another container']);
	});

	test('is lost while Docker cannot be reached, and live again though nothing is written', async () => {
		const engine = await played.run('engine');
		follow();
		engine.log.write('before');
		await holds('before');
		played.break();
		await until(log.status, ({ status }) => status === 'lost');
		played.mend();
		await until(log.status, ({ status }) => status === 'live');
		engine.log.write('after');
		await holds('after');
	});

	test('has its secrets masked, those of a new container as well', async () => {
		const engine = await played.run('engine');
		engine.log.write('the phrase is correct-horse-battery');
		follow(['correct-horse-battery']);
		await holds('the phrase is');
		await played.engine.stop(engine);
		played.engine.remove(engine);
		(await played.run('engine')).log.write('still correct-horse-battery');
		await holds('still');
		expect(linesOf().join('\n')).not.toContain('correct-horse');
	});
});
