import type { CheckDefinition } from '../../runbook/runbook.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

/** The exit code of a script that could not find out: EX_TEMPFAIL of sysexits.h. */
const unknownCode = 75;
/** Of `timeout`, when what it ran did not end in time. */
const timedOutCode = 124;
const longestEvidence = 8192;

const linesOf = (output: string): readonly string[] =>
	output
		.split('\n')
		.map((line) => line.trimEnd())
		.filter((line) => line !== '');

/**
 * A script of the runbook, on the host: exit code 0 passes, 75 and 124 say that it is not known, any other fails. A last
 * line that begins with `unknown:` says the same in words, whatever the code.
 */
export const lookAtScript = (
	definition: Extract<CheckDefinition, { kind: 'script' }>,
	{ runScript, host }: CheckContext,
): CheckFunction => {
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
			const why = code === timedOutCode ? 'it did not end in time' : 'the script does not say why';
			return { state: 'unknown', reason: reason === '' ? why : reason, asked, evidence };
		}
		if (code === 0) {
			return { state: 'passed', reason: last === '' ? 'the script passed' : last, asked, evidence };
		}
		return { state: 'failed', reason: last === '' ? `exit code ${code}` : last, asked, evidence };
	};
};
