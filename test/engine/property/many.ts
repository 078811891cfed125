import { generate } from './generate.ts';
import { type Played, play } from './play.ts';
import type { Spec } from './spec.ts';

export interface Violation {
	readonly spec: Spec;
	readonly played: Played;
}

export interface Total {
	readonly played: number;
	readonly violations: number;
	/** The number of histories by outcome, and the time of one. */
	readonly text: string;
}

/** The histories to play: `runs` of them, from a seed on, until a time (ms since the epoch). */
export interface Many {
	readonly seed: number;
	readonly runs: number;
	/** The number that run side by side, in one engine. */
	readonly jobs: number;
	readonly untilMs: number;
}

const counted = (counts: ReadonlyMap<string, number>): string =>
	[...counts]
		.toSorted(([, a], [, b]) => b - a)
		.map(([key, count]) => `${count} ${key}`)
		.join('; ');

/** Returns why it was refused, or what was not true. */
const lastWords = (text: string): string =>
	text
		.split('\n')
		.filter((line) => /^backout: |^\s*✗ /.test(line))
		.map((line) => line.trim())
		.join(' | ')
		.slice(0, 400);

/**
 * Plays histories and reports violations as they are found. One that cannot be played at all (an exception) is reported, too.
 * @param say is told a line for each history
 */
export const playMany = async (
	env: Record<string, string | undefined>,
	{ seed, runs, jobs, untilMs }: Many,
	report: (violation: Violation) => Promise<void>,
	say: (line: string) => void,
): Promise<Total> => {
	const counts = new Map<string, number>();
	const startedAt = Date.now();
	let [next, played, violations] = [0, 0, 0];
	const one = async (spec: Spec): Promise<void> => {
		const begun = Date.now();
		const result = await play(env, spec).catch(
			(error: unknown): Played => ({
				outcome: 'not played',
				undo: 'none',
				findings: [`exception: ${String(error).slice(0, 1500)}`],
				text: '',
				script: [],
			}),
		);
		const key = `${spec.procedure}: ${result.outcome}${result.undo === 'none' ? '' : `, undo ${result.undo}`}`;
		counts.set(key, (counts.get(key) ?? 0) + 1);
		played += 1;
		const seconds = ((Date.now() - begun) / 1000).toFixed(1);
		const why = result.outcome === 'not played' ? result.text.slice(-300) : lastWords(result.text);
		say(`${result.findings.length === 0 ? '·' : '✗'} ${spec.seed} ${key} (${seconds} s) ${why}`);
		if (result.findings.length > 0) {
			violations += 1;
			await report({ spec, played: result });
		}
	};
	const worker = async (): Promise<void> => {
		while (next < runs && Date.now() < untilMs) {
			next += 1;
			await one(generate(seed + next - 1));
		}
	};
	await Promise.all(Array.from({ length: jobs }, worker));
	const each = ((Date.now() - startedAt) / 1000 / Math.max(1, played)).toFixed(1);
	return {
		played,
		violations,
		text: `${played} histories from seed ${seed}, ${each} s each: ${violations} violations. ${counted(counts)}`,
	};
};

/** Returns the violation, and a shell script that repeats it without the judging. */
export const violationText = ({ spec, played }: Violation): string =>
	[
		`${played.findings.length === 0 ? '·' : '✗'} seed ${spec.seed}: ${spec.procedure}, ${played.outcome}, undo ${played.undo}`,
		...played.findings.map((line) => `    ${line}`),
		`  ${JSON.stringify(spec)}`,
		'  what it said:',
		...played.text.split('\n').map((line) => `    ${line}`),
		'  again, as a shell script (BACKOUT: bin/backout.js; DOCKER_HOST: an engine that has backout-test/base:1):',
		...played.script.map((line) => `    ${line.replaceAll('\n', '\n    ')}`),
	].join('\n');
