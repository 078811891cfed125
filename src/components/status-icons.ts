import type { CheckState } from '../runbook/check.ts';
import type { Risk } from '../runbook/plan.ts';
import type { ReadingState } from '../runbook/reading.ts';
import type { RunState, StepRun } from '../runbook/run.ts';
import type { Tone } from './line.ts';

/** The display of a state: a glyph, a word and a tone. Colour is never the only sign. */
export interface StatusIcon {
	readonly glyph: string;
	readonly word: string;
	readonly tone: Tone;
}

export const readingSigns: Readonly<Record<ReadingState, StatusIcon>> = {
	ok: { glyph: '●', word: 'ok', tone: 'good' },
	warn: { glyph: '▲', word: 'warn', tone: 'warn' },
	down: { glyph: '✗', word: 'down', tone: 'bad' },
	unknown: { glyph: '?', word: 'unknown', tone: 'muted' },
};

export const checkSigns: Readonly<Record<CheckState, StatusIcon>> = {
	passed: { glyph: '✓', word: 'passed', tone: 'good' },
	failed: { glyph: '✗', word: 'failed', tone: 'bad' },
	unknown: { glyph: '?', word: 'unknown', tone: 'warn' },
};

export const riskSigns: Readonly<Record<Risk, StatusIcon>> = {
	'read-only': { glyph: '○', word: 'read-only', tone: 'muted' },
	disruptive: { glyph: '◐', word: 'disruptive', tone: 'warn' },
	destructive: { glyph: '◉', word: 'destructive', tone: 'bad' },
};

export const stepSigns: Readonly<Record<StepRun['state'], StatusIcon>> = {
	pending: { glyph: '·', word: 'pending', tone: 'muted' },
	running: { glyph: '▸', word: 'running', tone: 'accent' },
	succeeded: { glyph: '✓', word: 'done', tone: 'good' },
	failed: { glyph: '✗', word: 'failed', tone: 'bad' },
	cancelled: { glyph: '■', word: 'cancelled', tone: 'warn' },
	'timed-out': { glyph: '✗', word: 'timed out', tone: 'bad' },
	skipped: { glyph: '–', word: 'skipped', tone: 'muted' },
};

export const runSigns: Readonly<Record<RunState, StatusIcon>> = {
	running: { glyph: '▸', word: 'running', tone: 'accent' },
	succeeded: { glyph: '✓', word: 'steps done', tone: 'good' },
	failed: { glyph: '✗', word: 'failed', tone: 'bad' },
	cancelled: { glyph: '■', word: 'cancelled', tone: 'warn' },
	'timed-out': { glyph: '✗', word: 'timed out', tone: 'bad' },
	lost: { glyph: '?', word: 'died', tone: 'warn' },
	unknown: { glyph: '?', word: 'unknown', tone: 'warn' },
};

/** The sign of a run that waits for its operator. */
export const waitsSign: StatusIcon = { glyph: '▲', word: 'waits', tone: 'warn' };
