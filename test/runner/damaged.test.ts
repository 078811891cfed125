import { expect, test } from 'vitest';
import { composeShell } from '../../src/engines/compose/shell.ts';
import { defaultRunLimits } from '../../src/runbook/run-limits.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { buildRun } from '../../src/services/runner/client/build-run.ts';
import { runFiles } from '../../src/services/runner/client/run-folder.ts';
import { makeDeployment, step, who } from './fixture.ts';

const deployment = makeDeployment();
deployment.remove();

const plan = deployment.plan([step('one', 'echo "ü"'), step('two', 'exit 3')]);
const id = '20261122T203501Z-3fa9c1';

/** The files of a run that has ended. */
const whole = new Map<string, string>([
	...[...runFiles({ plan, who, reason: maskSecrets('because'), limits: defaultRunLimits, shell: composeShell })].filter(
		([path]) => path.endsWith('.json'),
	),
	['ended', ''],
	['started', '1795379701000\n'],
	[
		'records',
		[
			'begin 1 01-one 1795379701000 0',
			'fact image\tsha256:abc',
			'gap 4096 8192',
			'end 1 01-one 1795379702000 3 0',
			'begin 2 02-two 1795379702000 3',
			'stopping 2 1795379703000 cancelled',
			'end 2 02-two 1795379703000 3 143',
			'',
		].join('\n'),
	],
	['facts', 'image\tsha256:abc\n'],
	['result', 'cancelled 143 1795379703000\n'],
	['verdicts', `${JSON.stringify({ verdict: 'failed', at: 1, by: who, reason: 'r', checks: [] })}\n`],
	['cancel', `${JSON.stringify({ who })}\n`],
	['out', '9000'],
]);

test('a run is read whole', () => {
	const run = buildRun({ id, files: whole }, 'local');
	expect(run).toMatchObject({
		state: 'cancelled',
		who,
		reason: 'because',
		steps: [{ state: 'succeeded' }, { state: 'cancelled' }],
		facts: { image: 'sha256:abc' },
		outputGap: { from: 4096, to: 8192 },
		cancelledBy: who,
		verified: { verdict: 'failed' },
	});
	expect(run.damaged).toBeUndefined();
});

test.each([...whole.keys()])('%s cut at every byte hides nothing of the others', (name) => {
	const bytes = Buffer.from(whole.get(name) ?? '');
	for (let end = 0; end < bytes.length; end++) {
		const run = buildRun({ id, files: new Map(whole).set(name, bytes.toString('utf8', 0, end)) }, 'local');
		expect(run.startedAt).toBeGreaterThan(0);
		// Never better than what is known: only a whole result says how it ended.
		expect(name === 'result' ? ['cancelled', 'unknown', 'lost'] : ['cancelled']).toContain(run.state);
		expect(run.steps.length).toBeLessThanOrEqual(2);
		if (name !== 'about.json') {
			expect(run).toMatchObject({ who, reason: 'because' });
		}
		if (name !== 'records' && name !== 'plan.json') {
			expect(run.steps.map(({ state }) => state)).toEqual(['succeeded', 'cancelled']);
		}
	}
});

test.each(['', 'null', '[]', '"text"', '{"steps":1}', '{"steps":[],"who":3}', '\u0000\u0001', '{'])(
	'%j in place of any file is told, not thrown',
	(garbage) => {
		for (const name of whole.keys()) {
			const run = buildRun({ id, files: new Map(whole).set(name, garbage) }, 'local');
			expect(run.who).toEqual(name === 'about.json' ? { user: 'unknown', machine: 'unknown' } : who);
			if (name === 'plan.json' && !garbage.includes('[],')) {
				expect(run.damaged).toContain('its plan');
			}
		}
	},
);
