import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { lockHolder } from '../../src/runbook/shapes/run.ts';
import { buildRun } from '../../src/services/runner/client/build-run.ts';
import { parseOwner } from '../../src/services/runner/client/lock.ts';
import { sections } from '../../src/services/runner/client/read-runs.ts';
import { parseRecords, parseResult } from '../../src/services/runner/client/records.ts';
import { patience, runs } from './runs.ts';

vi.setConfig({ testTimeout: patience });

const id = '20261123T010203Z-abcdef';
const who = { user: 'ana', machine: 'laptop' };
const step = (name: string) => ({ id: name, title: name, kind: 'run', script: 'true', timeoutSeconds: 60 });
const plan = {
	version: 1,
	procedure: 'rollback-commit',
	title: 'Roll back',
	when: '',
	risk: 'disruptive',
	target: 't',
	host: 'h',
	directory: '/srv/app',
	project: 'app',
	madeAt: 1,
	inputs: [{ name: 'commit', title: 'Commit', value: 'abc', label: 'abc', detail: '' }],
	environment: { commit: 'abc' },
	preconditions: [{ id: 'a', title: 'A', state: 'passed', detail: '' }],
	previews: [{ title: 'P', text: 'x' }],
	steps: [step('one'), step('two')],
	interrupts: ['app'],
	verification: { checks: ['containers'], settleSeconds: 1, deadlineSeconds: 2 },
	expects: { service: 'app', commit: 'abc' },
	notes: ['n'],
};
const verdict = {
	verdict: 'passed',
	at: 5,
	by: who,
	reason: 'all pass',
	checks: [{ id: 'containers', title: 'C', state: 'passed', reason: 'r', asked: 'a', evidence: 'e', at: 5 }],
};
const whole: Readonly<Record<string, string>> = {
	'plan.json': `${JSON.stringify(plan)}\n`,
	'about.json': `${JSON.stringify({ procedure: 'p', title: 't', risk: 'disruptive', who, reason: 'because' })}\n`,
	started: '1795394731401\n',
	records:
		'begin 1 01-one 1000 0\nend 1 01-one 2000 10 0\nbegin 2 02-two 2000 10\nend 2 02-two 3000 20 0\nfact commit\tabc\n',
	facts: 'commit\tabc\n',
	result: `succeeded 0 3000${' '.repeat(111)}\n`,
	verdicts: `${JSON.stringify(verdict)}\n`,
};
/** Returns files in the form in which the host sends them. */
const sent = (files: Readonly<Record<string, string>>): Buffer =>
	Buffer.concat([
		Buffer.from('ended 0\n\n'),
		...Object.entries(files).map(([name, text]) => {
			const bytes = Buffer.from(text);
			return Buffer.concat([Buffer.from(`${name} ${bytes.length}\n`), bytes, Buffer.from('\n')]);
		}),
		Buffer.from('out 20\n'),
	]);
const read = (bytes: Buffer) => buildRun({ id, files: sections(bytes) }, 'h');

/** Does what screens, reports and the command line do with a run; none of it may throw. */
const look = (run: ReturnType<typeof read>): void => {
	// Plain comparisons: it is called thousands of times.
	const { plan: read, verified, who: by } = run;
	const texts = [
		read.title,
		read.procedure,
		read.risk,
		run.reason,
		by.user,
		by.machine,
		...read.notes,
		...read.interrupts,
	];
	const ofSteps = read.steps.flatMap(({ id: name, title, script, kind }) => [name, title, script, kind]);
	const ofVerdict =
		verified === undefined ? [] : [verified.reason, verified.by.user, ...verified.checks.map(({ title }) => title)];
	const wrong =
		[...texts, ...ofSteps, ...ofVerdict].find((text) => typeof text !== 'string') ??
		(run.steps.length === read.steps.length ? undefined : 'steps') ??
		(verified === undefined || ['passed', 'failed', 'unknown'].includes(verified.verdict) ? undefined : 'verdict');
	if (wrong !== undefined || !JSON.stringify(run).includes(id)) {
		throw new Error(`not as it should be: ${JSON.stringify(wrong)} in ${JSON.stringify(run)}`);
	}
	// Throws for a time that no Date can hold.
	new Date(run.startedAt).toISOString();
};

test('a whole folder is read', () => {
	const run = read(sent(whole));
	look(run);
	expect(run).toMatchObject({ state: 'succeeded', plan, verified: { verdict: 'passed' }, facts: { commit: 'abc' } });
});

test('cut at any byte, the answer never tells of a success that was not written', () => {
	const bytes = sent(whole);
	const result = bytes.indexOf('result 129') < 0 ? bytes.indexOf('result ') : bytes.indexOf('result 129');
	const written = bytes.indexOf('3000', result) + 4;
	for (let at = 0; at <= bytes.length; at++) {
		const run = read(bytes.subarray(0, at));
		look(run);
		if (at < written) {
			expect(run.state, String(at)).not.toBe('succeeded');
			expect(run.verified, String(at)).toBeUndefined();
		}
	}
});

test('each file cut at any byte', () => {
	for (const [name, text] of Object.entries(whole)) {
		for (let at = 0; at < text.length; at++) {
			const cut = text.slice(0, at);
			const run = read(sent({ ...whole, [name]: cut }));
			look(run);
			if (name === 'result' && parseResult(cut) === undefined) {
				expect(run.state, cut).not.toBe('succeeded');
			}
			if (name === 'verdicts' && at < text.length - 1) {
				expect(run.verified, cut).toBeUndefined();
			}
			if (name === 'records') {
				const told = run.steps.filter(({ state }) => state === 'succeeded').length;
				expect(told, cut).toBeLessThanOrEqual(cut.split('\n').filter((line) => line.startsWith('end ')).length);
			}
		}
	}
});

test('a result that says anything but how it ended is no success', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			const run = read(sent({ ...whole, result: text }));
			look(run);
			if (!/^succeeded \d+ \d+\s/.test(text)) {
				expect(run.state).not.toBe('succeeded');
			}
		}),
		runs(300),
	);
});

const json = fc.jsonValue({ maxDepth: 3 });
const paths = fc.constantFrom(
	...[
		'steps',
		'steps.0',
		'steps.0.id',
		'steps.1.title',
		'steps.0.timeoutSeconds',
		'steps.1.kind',
		'title',
		'risk',
		'notes',
		'notes.0',
	],
	...[
		'inputs',
		'inputs.0.value',
		'environment',
		'environment.commit',
		'verification',
		'verification.checks',
		'expects',
		'interrupts',
	],
	...[
		'preconditions.0',
		'previews.0.text',
		'procedure',
		'verdict',
		'checks',
		'checks.0',
		'checks.0.state',
		'by',
		'by.user',
		'reason',
	],
	...['who', 'who.user', 'at'],
);
const changed = (value: unknown, path: readonly string[], to: unknown): unknown => {
	const [key, ...rest] = path;
	if (key === undefined) {
		return to;
	}
	if (typeof value !== 'object' || value === null || !(key in value)) {
		return value;
	}
	const next = changed((value as Record<string, unknown>)[key], rest, to);
	return Array.isArray(value)
		? value.map((one, index) => (String(index) === key ? next : one))
		: { ...value, [key]: next };
};

test('any other value in the place of any one is taken for what it is', () => {
	fc.assert(
		fc.property(fc.constantFrom('plan.json', 'about.json', 'verdicts'), paths, json, (name, path, to) => {
			const text = JSON.stringify(changed(JSON.parse(whole[name] ?? ''), path.split('.'), to));
			const run = read(sent({ ...whole, [name]: `${text}\n` }));
			look(run);
			if (path === 'verdict' && name === 'verdicts' && to !== 'passed') {
				expect(run.verified?.verdict).not.toBe('passed');
			}
		}),
		runs(500),
	);
});

test('any bytes in the place of any bytes', () => {
	const bytes = sent(whole);
	fc.assert(
		fc.property(fc.nat(bytes.length - 1), fc.nat(40), fc.uint8Array({ maxLength: 20 }), (at, gone, added) => {
			look(read(Buffer.concat([bytes.subarray(0, at), Buffer.from(added), bytes.subarray(at + gone)])));
		}),
		runs(500),
	);
});

const lines = fc.array(
	fc.oneof(
		fc.constantFrom(
			'begin 1 a 1 0',
			'end 1 a 2 3 0',
			'end 1 a 2 3 1',
			'stopping 1 5 cancelled',
			'fact a\tb',
			'answer 1 done 5 {}',
		),
		fc.string({ unit: 'binary' }),
		fc.constantFrom(
			'begin 99999999999999999999 a 1 0',
			'end -1 a 2 3 0',
			'fact __proto__\tx',
			'fact constructor\ty',
			'answer 1 done 5 null',
		),
	),
	{ maxLength: 12 },
);

test('records in any order and state', () => {
	fc.assert(
		fc.property(lines, fc.nat(200), (all, at) => {
			const text = `${all.join('\n')}\n`;
			parseRecords(text.slice(0, at));
			const run = read(sent({ ...whole, records: text, 'plan.json': '{' }));
			look(run);
			if (!text.includes('end 1 a 2 3 0\n')) {
				expect(run.steps.some(({ state }) => state === 'succeeded')).toBe(/^end \d+ \S+ \d+ \d+ 0$/m.test(text));
			}
		}),
		runs(300),
	);
});

test('whoever holds the lock is named, or unknown', () => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({ unit: 'binary' }),
				json.map((value) => `x 1\n${JSON.stringify(value)}`),
			),
			(text) => {
				const holder = parseOwner(text);
				expect(lockHolder.safeParse(holder).success).toBe(true);
				expect(new Date(holder.since).toISOString()).toMatch(/Z$/);
			},
		),
		runs(300),
	);
});
