import { describe, expect } from 'vitest';
import { followSuggestion, withOneInput } from '../helpers/follow-suggestion.ts';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { startByKeys } from './harness/keys.ts';
import { createPlace, type Place } from './harness/place.ts';
import type { Host } from './harness/shell.ts';
import type { Stack, StackSettings } from './harness/stack.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 3, workers: 0 });
/** Each goes there and back three times, by a dozen commands. */
const long = { tags: ['long'], timeout: 1_200_000 };

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
	/** The way by the screen: what is suggested, and why; or the title of what an operator chooses. */
	readonly screen: { readonly suggested: string; readonly why: RegExp } | { readonly chosen: string };
	/** The way by one command, after the undo. */
	readonly run: readonly string[];
	/** The version of `web` that runs after each of the two. */
	readonly back: readonly ['1' | '2', '1' | '2'];
	/** The version in the specification of `web` before, and so after the undo. */
	readonly undone: '2' | 'bad';
}

const stuck = { suggested: 'Take a stuck update back', why: /an update has stopped half-way/ };

const cases: readonly Case[] = [
	{
		name: 'an update that is stuck',
		bad: { web: 'bad' },
		alarm: /web: its update is paused/,
		screen: stuck,
		run: ['take-back-update', '--input', 'stuck=web'],
		back: ['2', '2'],
		undone: 'bad',
	},
	{
		name: 'a bad image whose update goes on',
		bad: { web: 'bad', onFailure: 'continue' },
		alarm: /web: 0 of 2 run as specified/,
		screen: { suggested: 'Roll back to an image', why: /web keeps restarting/ },
		run: ['rollback-image', '--input', `image=${image('2')}`],
		back: ['2', '2'],
		undone: 'bad',
	},
	{
		name: 'an automatic rollback before',
		bad: { web: 'bad', onFailure: 'rollback' },
		alarm: /web: its last update was rolled back by the engine/,
		screen: { chosen: 'Roll back a service to a kept spec' },
		run: ['rollback-image', '--input', `image=${image('1')}`],
		back: ['1', '1'],
		undone: '2',
	},
	{
		name: 'a bad config',
		bad: { web: 'bad', settings: 'wrong\n', configName: 'wrong' },
		alarm: /web: its update is paused/,
		screen: stuck,
		run: ['rollback-stack'],
		back: ['2', '2'],
		undone: 'bad',
	},
];

/** Goes from the alarm to the verdict by keys. */
const byScreen = async (place: Place, way: Case['screen']): Promise<void> => {
	const screen = place.open();
	const verdict = /(?:Rolled back|Done) and verified/;
	try {
		if ('suggested' in way) {
			await followSuggestion(screen, { ...way, keys: withOneInput, verdict: ' and verified' }, 180_000);
		} else {
			await startByKeys(screen, way.chosen);
		}
		await screen.waitFor(verdict, 180_000);
	} finally {
		await screen.close();
	}
};

describe.skipIf(withoutSwarm !== undefined)('from the alarm to the verdict, by the screen and by one command', () => {
	const good = async (stack: Stack, host: Host, settings: StackSettings) => {
		await stack.deploy(settings);
		await host.must('wait_converged 120 1');
	};

	test.for(cases)('$name', long, async (given, { openStack, openOn, swarm }) => {
		const { bad, alarm: words, screen, run, back, undone } = given;
		const stack = await openStack();
		const host = openOn(stack);
		const named = (name: string) => `${name}-${stack.name}`;
		const right = { settings: 'right\n', configName: named('right') };
		await good(stack, host, { web: '1', ...right });
		const place = createPlace(stack, swarm.manager);
		/** What the engine itself runs and has as its specification. */
		const judge = async (version: '1' | '2') => {
			await stack.runs('web', [image(version), image(version)]);
			const web = (await stack.tasks('web')).filter(({ state }) => state === 'running');
			expect(web.map(({ config }) => config)).toEqual([right.configName, right.configName]);
			expect(await host.must('not_converged')).toBe('');
		};
		try {
			await runTo(place, 'pre-deploy-checklist');
			await good(stack, host, { web: '2', ...right });
			await runTo(place, 'pre-deploy-checklist');
			await stack.deploy({ ...right, ...bad, configName: named(bad.configName ?? 'right') });
			await alarm(place, words);
			const before = await host.must('service_rows | cut -f 1,7');
			await byScreen(place, screen);
			await judge(back[0]);
			const undo = await place.backout('undo', 'last', '--yes', '--reason', 'test');
			expect(await stack.read('web', '{{.Spec.TaskTemplate.ContainerSpec.Image}}'), undo.text).toBe(image(undone));
			expect(await host.must('service_rows | cut -f 1,7'), undo.text).toBe(before);
			// A version that crashes is back, and its verdict says so.
			expect(undo.code, undo.text).toBe(undone === 'bad' ? 5 : 0);
			await runTo(place, ...run);
			await judge(back[1]);
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
			const screen = place.open();
			try {
				await screen.waitFor(/node-3 manager/);
				await lost?.kill();
				await alarm(place, /node-3.*(down|not reached)/is);
				await screen.waitFor(/node-3 .*down/, 60_000);
				await lost?.start();
				await openOn(stack).must('wait_converged 240 2');
				await screen.waitFor((rows) => !/node-3 .*down/.test(rows.join('\n')), 60_000);
			} finally {
				await screen.close();
			}
			const verified = await place.backout('verify', '--wait', '2m');
			expect(verified.code, verified.text).toBe(0);
		} finally {
			place.remove();
		}
	});
});
