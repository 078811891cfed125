import type { Shape } from '../../runbook/shapes/infer.ts';
import { keptLines } from './kept-lines.ts';
import { planLines } from './plan-lines.ts';
import { readingLines } from './reading-lines.ts';
import { runLines } from './run-lines.ts';
import { watchLines } from './watch-lines.ts';

/** Every line that `--json` prints, by its `type`. All output is typed by these; docs/json.md and the schema are made from them. */
export const outputLines = { ...readingLines, ...planLines, ...runLines, ...keptLines, ...watchLines } as const;

export type OutputType = keyof typeof outputLines;

/** A line as the program prints it. */
export type Output = { [K in OutputType]: Shape<(typeof outputLines)[K]> }[OutputType];

/** The lines that may be printed while a run is followed. */
const following: readonly OutputType[] = [
	'plan',
	'unknown',
	'run',
	'step',
	'waiting',
	'output',
	'gap',
	'link',
	'verification',
	'end',
];

/** The lines that each command prints with `--json`; any of them may print `error`. */
export const linesOfCommands: Readonly<Record<string, readonly OutputType[]>> = {
	status: ['status'],
	logs: ['log', 'log-note'],
	verify: ['verification', 'verdict', ...following.filter((type) => type !== 'verification')],
	procedures: ['procedure'],
	inputs: ['inputs'],
	plan: ['plan'],
	run: [...following, 'detached', 'verdict', 'lock-held', 'targets'],
	'with-lock': [...following, 'lock-held'],
	undo: [...following, 'detached'],
	retry: [...following, 'detached'],
	attach: [...following.filter((type) => type !== 'plan' && type !== 'unknown'), 'guarded'],
	deploy: [...following, 'lock-held', 'guard-state', 'guarded', 'deployed'],
	guard: [...following, 'detached', 'guard', 'guard-state', 'guarded'],
	runs: ['missing', 'run'],
	history: ['missing', 'deployment'],
	continue: ['answered'],
	approve: ['answered'],
	cancel: ['cancel'],
	unblock: ['unblocked'],
	unlock: ['unlocked'],
	'restore-points': ['missing', 'restore-point'],
	prune: ['drop-run', 'drop', 'dropped'],
	check: ['checked'],
	doctor: ['finding', 'doctor'],
	serve: ['serving'],
	demo: ['demo'],
};
