import { describe, expect } from 'vitest';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { createPlace, type Place } from './harness/place.ts';
import type { Host } from './harness/shell.ts';
import type { Stack, StackSettings } from './harness/stack.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 3, workers: 0 });
const long = { tags: ['long'] };

/** Runs a procedure by one command, and throws all that it printed unless the engine was seen to be well afterwards. */
const runTo = async (place: Place, ...args: readonly string[]): Promise<string> => {
	const { code, text } = await place.backout('run', ...args, '--yes', '--reason', 'test');
	expect(code, text).toBe(0);
	expect(text).toMatch(/Converged/);
	return text;
};

/** Waits until `status` is not well, and says this. */
const alarm = (place: Place, words: RegExp) =>
	expect
		.poll(
			async () => {
				const { code, text } = await place.backout('status');
				return code === 1 ? text : `exit code ${code}`;
			},
			{ timeout: 120_000 },
		)
		.toMatch(words);

interface Case {
	readonly name: string;
	/** What goes wrong after two good deployments. */
	readonly bad: StackSettings;
	readonly alarm: RegExp;
	readonly run: readonly string[];
	/** The version of `web` that runs afterwards. */
	readonly back: '1' | '2';
}

const cases: readonly Case[] = [
	{
		name: 'an update that is stuck',
		bad: { web: 'bad' },
		alarm: /web: its update is paused/,
		run: ['take-back-update', '--input', 'stuck=web'],
		back: '2',
	},
	{
		name: 'an automatic rollback before',
		bad: { web: 'bad', onFailure: 'rollback' },
		alarm: /web: its last update was rolled back by the engine/,
		run: ['rollback-spec'],
		back: '1',
	},
	{
		name: 'a bad config',
		bad: { web: 'bad', settings: 'wrong\n', configName: 'wrong' },
		alarm: /web: its update is paused/,
		run: ['rollback-stack'],
		back: '2',
	},
];

describe.skipIf(withoutSwarm !== undefined)('from the alarm to the verdict, by one command', () => {
	const good = async (stack: Stack, host: Host, settings: StackSettings) => {
		await stack.deploy(settings);
		await host.must('wait_converged 120 1');
	};

	test.for(cases)('$name', long, async ({ bad, alarm: words, run, back }, { openStack, openOn, swarm }) => {
		const stack = await openStack();
		const host = openOn(stack);
		const named = (name: string) => `${name}-${stack.name}`;
		await good(stack, host, { web: '1', settings: 'right\n', configName: named('right') });
		const place = createPlace(stack, swarm.manager);
		try {
			await runTo(place, 'pre-deploy-checklist');
			await good(stack, host, { web: '2', settings: 'right\n', configName: named('right') });
			await runTo(place, 'pre-deploy-checklist');
			await stack.deploy({ settings: 'right\n', ...bad, configName: named(bad.configName ?? 'right') });
			await alarm(place, words);
			await runTo(place, ...run);
			await stack.runs('web', [image(back), image(back)]);
			const web = (await stack.tasks('web')).filter(({ state }) => state === 'running');
			expect(web.map(({ config }) => config)).toEqual([named('right'), named('right')]);
		} finally {
			place.remove();
		}
	});

	test('a lost node', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy({ web: '1' });
		await openOn(stack).must('wait_converged 120 1');
		const place = createPlace(stack, swarm.manager);
		const lost = swarm.nodes[2];
		try {
			await lost?.kill();
			await alarm(place, /node-3.*(down|not reached)/is);
			await lost?.start();
			await openOn(stack).must('wait_converged 240 2');
			const verified = await place.backout('verify', '--wait', '2m');
			expect(verified.code, verified.text).toBe(0);
		} finally {
			place.remove();
		}
	});
});
