import { expect } from 'vitest';
import { type Held, openStage, type Stage, type StageOptions } from './stage.ts';
import { endVerified } from './stage-ends.ts';
import type { Screen } from './stage-screen.ts';

export const situations = ['idle', 'confirming', 'running'] as const;

export type Situation = (typeof situations)[number];

/** One fault in one situation. */
export interface Cell {
	/** The operator's view, for the table of docs/faults.md. */
	readonly says: string;
	/** Texts that appear on the screen while the fault lasts, one after the other. */
	readonly during: readonly (string | RegExp)[];
	/** Texts that must not appear meanwhile. */
	readonly never?: readonly RegExp[];
	/** For a run: texts that appear once the gate is open, while the fault still lasts. */
	readonly onceOpen?: readonly (string | RegExp)[];
	/** Texts that appear when it is over. */
	readonly after: readonly (string | RegExp)[];
}

/** A fault that the program lives through. */
export interface Fault {
	readonly name: string;
	readonly inject: (stage: Stage, situation: Situation) => Promise<void> | void;
	readonly heal: (stage: Stage, situation: Situation) => Promise<void> | void;
	readonly idle: Cell;
	readonly confirming: Cell;
	readonly running: Cell;
	readonly stage?: StageOptions;
}

const text = (screen: Screen) => screen.pty.screen().join('\n');

const suffer = async (
	fault: Fault,
	situation: Situation,
	{ stage, screen, before, meanwhile }: { stage: Stage; screen: Screen; before: Held; meanwhile: () => Promise<void> },
) => {
	const { during, never = [], onceOpen = [], after } = fault[situation];
	await fault.inject(stage, situation);
	await screen.sees(...during);
	await meanwhile();
	await screen.sees(...onceOpen);
	for (const lie of never) {
		expect(text(screen)).not.toMatch(lie);
	}
	await fault.heal(stage, situation);
	await screen.sees(...after);
	// Nothing lost on the way is kept.
	await stage.expectHeld(before);
};

/**
 * One program lives through a fault three times: on the idle dashboard, at the question, and while its run waits at the
 * gate, which is opened while the fault lasts.
 */
export const liveThrough = async (fault: Fault): Promise<void> => {
	const stage = await openStage(fault.stage);
	try {
		const screen = await stage.open();
		const before = stage.held();
		await suffer(fault, 'idle', { stage, screen, before, meanwhile: async () => {} });

		await screen.openConfirmation();
		await suffer(fault, 'confirming', {
			stage,
			screen,
			before,
			meanwhile: async () => {
				expect(text(screen)).toContain('Start it now?');
			},
		});
		expect(text(screen)).toContain('Start it now?');
		expect(stage.runs()).toEqual([]);
		expect(stage.ledger()).toBe('');

		const id = await screen.confirm();
		await suffer(fault, 'running', {
			stage,
			screen,
			before,
			meanwhile: async () => {
				stage.openGate();
				expect(await stage.resultOf(id)).toBe('succeeded 0');
			},
		});
		await endVerified(stage, id, { watching: [screen], before });
	} finally {
		await stage.close();
	}
};

/** Lives through a fault of the whole host: three programs at once, one in each situation. */
export const liveThroughTogether = async (fault: Fault): Promise<void> => {
	const stage = await openStage(fault.stage);
	try {
		const [idle, confirming, running] = await Promise.all([stage.open(), stage.open(), stage.open()]);
		const before = stage.held();
		await Promise.all([confirming.openConfirmation(), running.openConfirmation()]);
		const id = await running.confirm();
		await fault.inject(stage, 'idle');
		await Promise.all([
			idle.sees(...fault.idle.during),
			confirming.sees(...fault.confirming.during),
			running.sees(...fault.running.during),
		]);
		stage.openGate();
		expect(await stage.resultOf(id)).toBe('succeeded 0');
		await running.sees(...(fault.running.onceOpen ?? []));
		for (const [screen, { never = [] }] of [
			[idle, fault.idle],
			[confirming, fault.confirming],
			[running, fault.running],
		] as const) {
			for (const lie of never) {
				expect(text(screen)).not.toMatch(lie);
			}
		}
		expect(text(confirming)).toContain('Start it now?');
		await fault.heal(stage, 'idle');
		await Promise.all([
			idle.sees(...fault.idle.after),
			confirming.sees(...fault.confirming.after),
			running.sees(...fault.running.after),
		]);
		await endVerified(stage, id, { watching: [running], others: [idle, confirming], before });
	} finally {
		await fault.heal(stage, 'idle');
		await stage.close();
	}
};
