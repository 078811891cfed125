import { defineStepKind } from './step-kind.ts';

const defaultMs = 180_000;
const defaultIntervalMs = 2000;

/** The keys of which a wait has exactly one. */
const ways = ['until', 'script', 'for'];

/** A wait for a condition, or for a fixed time. */
export const wait = defineStepKind({
	about: 'a condition waited for',
	supervised: 'wait',
	label: 'wait',
	keys: ({ mapping, script, text, duration }) => ({
		wait: mapping(
			'wait',
			{
				until: script().optional().describe('A script to repeat until it exits with 0'),
				script: text().optional().describe('Name of a script of this runbook'),
				for: duration().optional().describe('Wait for this long'),
				timeout: duration().optional().describe('Timeout; default 3m'),
				interval: duration().optional().describe('Time between two tries; default 2s'),
			},
			ways,
		)
			.describe('Wait until a script succeeds, or for a fixed time')
			.optional(),
	}),
	check: (step, scripts, { child, exactlyOne, mustName }, report) => {
		const wait = child(step, 'wait');
		const timeout = child(step, 'timeout');
		if (wait === undefined) {
			return;
		}
		exactlyOne(wait, 'wait', ways, ['timeout', 'interval'], report);
		mustName(child(wait, 'script'), 'script', scripts, report);
		if (timeout !== undefined) {
			report(timeout, 'the timeout of a wait belongs inside wait');
		}
		for (const key of ['timeout', 'interval']) {
			const node = child(wait, key);
			if (node !== undefined && child(wait, 'for') !== undefined) {
				report(node, `a wait for a time has no ${key}`);
			}
		}
	},
	build: ({ wait = {} }, scriptOf) =>
		wait.for === undefined
			? {
					script: scriptOf({ run: wait.until, script: wait.script }),
					timeoutMs: wait.timeout ?? defaultMs,
					intervalMs: wait.interval ?? defaultIntervalMs,
				}
			: { script: '', timeoutMs: wait.for },
	limit: ({ script, timeoutSeconds, intervalSeconds = 1 }, duration) =>
		script === ''
			? `waits ${duration(timeoutSeconds * 1000)}`
			: `checks every ${intervalSeconds}s, for at most ${duration(timeoutSeconds * 1000)}`,
	// A countdown takes as long as it says.
	estimate: ({ script }) => (script === '' ? 'limit' : 'from-history'),
});
