import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createComposeEngine } from '../../src/engines/compose/engine.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { checkScript } from '../../src/services/checks/script.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { runReadOnlyScript } from '../../src/services/runner/client/read-only-script.ts';

type Script = Parameters<typeof checkScript>[0];

describe('a check by a script, run by a real shell', () => {
	let host: LocalHost;
	beforeEach(() => {
		host = new LocalHost();
	});
	afterEach(() => host.close());

	const target = () =>
		({
			name: 'here',
			directory: '/',
			project: 'none',
			projectGiven: true,
			runbook: { variables: { answer: "it's 42; $(id)" } },
		}) as unknown as Target;

	const lookAt = (script: string, timeoutMs = 20_000) => {
		const definition: Script = { id: 's', title: 'S', kind: 'script', script, timeoutMs, intervalMs: 30_000 };
		const context = {
			host,
			target: target(),
			runScript: (text: string, options: { timeoutMs: number; signal: AbortSignal }) =>
				runReadOnlyScript({ host, target: target(), engine: createComposeEngine(host, target()) }, text, options),
		} as unknown as CheckContext;
		return checkScript(definition, context)(AbortSignal.timeout(60_000));
	};

	test('exit 0 passes, with the last line as the reason and all of the output as evidence', async () => {
		expect(await lookAt('echo first; echo "$answer"; echo to stderr >&2')).toMatchObject({
			state: 'passed',
			reason: "it's 42; $(id)",
			evidence: "first\nit's 42; $(id)\nto stderr",
		});
	});

	test('another code fails, also one that says nothing', async () => {
		expect(await lookAt('echo nothing answers; exit 3')).toMatchObject({ state: 'failed', reason: 'nothing answers' });
		expect(await lookAt('exit 3')).toMatchObject({ state: 'failed', reason: 'exit code 3' });
		expect(await lookAt('echo "only here" >&2; exit 1')).toMatchObject({ state: 'failed', reason: 'only here' });
	});

	test('75, a time-out and the word unknown say that it is not known, whatever else', async () => {
		expect(await lookAt('echo Docker does not answer; exit 75')).toMatchObject({
			state: 'unknown',
			reason: 'Docker does not answer',
		});
		expect(await lookAt('echo "unknown: nobody could be asked"; exit 0')).toMatchObject({
			state: 'unknown',
			reason: 'nobody could be asked',
		});
		expect(await lookAt('timeout 0.1 sleep 5')).toMatchObject({
			state: 'unknown',
			reason: 'it did not finish in time',
		});
	});

	test('one that hangs rejects in its time, so that it is not known', async () => {
		await expect(lookAt('sleep 30', 300)).rejects.toThrow(/0\.3 s|time/);
	});

	test('without a way to run it, it is not known', async () => {
		const definition: Script = { id: 's', title: 'S', kind: 'script', script: 'true', timeoutMs: 1, intervalMs: 1 };
		const context = { host, target: target() } as unknown as CheckContext;
		expect(await checkScript(definition, context)(AbortSignal.timeout(1000))).toMatchObject({ state: 'unknown' });
	});
});
