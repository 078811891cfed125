import { expect, test } from 'vitest';
import type { Noted } from '../../src/application/runs/health-notices.ts';
import { watchHealth } from '../../src/application/watching/watch-health.ts';
import type { Verification } from '../../src/runbook/check.ts';
import { createStore } from '../../src/stores/store.ts';

const settleMs = 30_000;

/** A dashboard whose checks give these results, one every five seconds. */
const watching = () => {
	const verification = createStore<Verification | undefined>(undefined);
	const reported: string[] = [];
	let at = 0;
	let up = true;
	let answer: Noted = 'noted';
	const stop = watchHealth(verification, {
		settleMs,
		now: () => at,
		isUp: () => up,
		report: async ({ state, reason }) => {
			reported.push(`${state}: ${reason}`);
			return answer;
		},
	});
	const result = (state: 'passed' | 'failed' | 'unknown', verdict: Verification['verdict'] = state) =>
		({ verdict, reason: `Web ${state}`, checks: [{ state }] }) as unknown as Verification;
	return {
		reported,
		stop,
		link: (is: boolean) => {
			up = is;
		},
		answers: (word: Noted) => {
			answer = word;
		},
		see: async (count: number, ...given: Parameters<typeof result>) => {
			for (let round = 0; round < count; round += 1) {
				at += 5000;
				verification.set(result(...given));
				await Promise.resolve();
				await Promise.resolve();
			}
		},
	};
};

test('a dashboard that is opened on an incident reports nothing until the deployment is well', async () => {
	const { see, reported } = watching();
	await see(20, 'failed');
	expect(reported).toEqual([]);
	await see(3, 'passed');
	expect(reported).toEqual(['well: Web passed']);
});

test('a failure that lasts is reported once, and so is its end', async () => {
	const { see, reported } = watching();
	await see(2, 'passed');
	await see(5, 'failed');
	expect(reported).toEqual(['well: Web passed']);
	await see(20, 'failed');
	await see(3, 'passed', 'unknown');
	expect(reported.slice(1)).toEqual(['unwell: Web failed']);
	await see(1, 'passed');
	expect(reported.slice(2)).toEqual(['well: Web passed']);
});

test('neither a flap, nor what is unknown, nor a lost link is a failure', async () => {
	const { see, reported, link } = watching();
	await see(1, 'passed');
	for (let flap = 0; flap < 5; flap += 1) {
		await see(3, 'failed');
		await see(1, 'passed');
	}
	await see(30, 'unknown');
	link(false);
	await see(30, 'failed');
	expect(reported).toEqual(['well: Web passed']);
});

test('what a run has to do with is left to its own notices', async () => {
	const { see, reported, answers } = watching();
	await see(1, 'passed');
	answers('not-now');
	await see(10, 'failed');
	expect(reported).toEqual(['well: Web passed', 'unwell: Web failed']);
	answers('noted');
	await see(100, 'failed');
	expect(reported).toHaveLength(2);
	await see(1, 'passed');
	expect(reported).toHaveLength(3);
});

test('what could not be reported is reported later', async () => {
	const { see, reported, answers } = watching();
	await see(1, 'passed');
	answers('failed');
	await see(8, 'failed');
	expect(reported).toHaveLength(2);
	answers('noted');
	await see(15, 'failed');
	expect(reported).toEqual(['well: Web passed', 'unwell: Web failed', 'unwell: Web failed']);
});
