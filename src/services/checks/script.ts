import type { ScriptOf } from '../../runbook/step-kinds/step-kind.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

/** The exit code of a script that could not find out: EX_TEMPFAIL of sysexits.h. */
const unknownCode = 75;
/** Exit code of `timeout` after a timeout. */
const timedOutCode = 124;
const longestEvidence = 8192;

const linesOf = (output: string): readonly string[] =>
	output
		.split('\n')
		.map((line) => line.trimEnd())
		.filter((line) => line !== '');

/** Such a check has exactly one of these keys. */
const scriptKeys = ['run', 'script'];

const keys = ({ script, text, pollInterval, timeLimit }: SchemaParts) => ({
	run: script().optional().describe('A POSIX sh script; variables are environment variables'),
	script: text().optional().describe('Name of a script of this runbook'),
	timeout: timeLimit().prefault('15s').describe('Timeout; then the result is unknown'),
	interval: pollInterval()
		.prefault('30s')
		.describe(
			'Time between two checks while everything is healthy; failed checks and checks of a verification run sooner',
		),
});

const build = (entry: Entry<typeof keys>, scriptOf: ScriptOf) => ({
	script: scriptOf(entry),
	/** Name of the script, if it is a shared one of the runbook. */
	...(entry.script !== undefined && { name: entry.script }),
	timeoutMs: entry.timeout,
	intervalMs: entry.interval,
});
type ScriptCheck = Built<ReturnType<typeof build>>;

/**
 * Runs a script of the runbook on the host: exit code 0 passes, 75 and 124 are unknown, any other fails. A last line that begins with
 * `unknown:` means unknown, whatever the code.
 */
export const checkScript = (definition: ScriptCheck, { runScript, host }: CheckContext): CheckFunction => {
	const [first = '', ...more] = definition.script.trim().split('\n');
	const inline = `${first}${more.length === 0 ? '' : ' …'}`;
	const asked = `on ${host.name}: ${definition.name === undefined ? inline : `the script ${definition.name} of the runbook`}`;

	return async (signal) => {
		if (runScript === undefined) {
			return { state: 'unknown', reason: 'scripts are not run from here', asked, evidence: '' };
		}
		const { code, stdout, stderr } = await runScript(definition.script, { timeoutMs: definition.timeoutMs, signal });
		const [said, complained] = [linesOf(stdout), linesOf(stderr)];
		const evidence = [...said, ...complained].join('\n').slice(-longestEvidence);
		const last = said.at(-1) ?? complained.at(-1) ?? '';
		const inWords = /^unknown: */i.exec(last);
		if (inWords !== null || code === unknownCode || code === timedOutCode) {
			const reason = inWords === null ? last : last.slice(inWords[0].length);
			const why = code === timedOutCode ? 'it did not finish in time' : 'the script does not say why';
			return { state: 'unknown', reason: reason === '' ? why : reason, asked, evidence };
		}
		if (code === 0) {
			return { state: 'passed', reason: last === '' ? 'the script passed' : last, asked, evidence };
		}
		return { state: 'failed', reason: last === '' ? `exit code ${code}` : last, asked, evidence };
	};
};

export const script = defineCheckKind({
	about:
		'A script on the host exits with 0. Code 75, or a last line that begins with "unknown:", means unknown; other codes mean failed. The last line is the reason, the whole output is the evidence',
	keys,
	check: (entry, scripts, { child, exactlyOne, mustName }, report) => {
		exactlyOne(entry, 'check "script"', scriptKeys, ['kind', 'title', 'timeout', 'interval'], report);
		mustName(child(entry, 'script'), 'script', scripts, report);
	},
	build,
	run: (definition, { context }) => checkScript(definition, context),
	onHost: ({ script: text, timeoutMs, intervalMs }) => ({
		ask: 'ask_script',
		values: { script: text },
		seconds: Math.ceil(timeoutMs / 1000),
		intervalSeconds: Math.round(intervalMs / 1000),
	}),
	timeoutMs: ({ timeoutMs }) => timeoutMs,
	intervalMs: ({ intervalMs }) => intervalMs,
});
