import { expect } from 'vitest';
import { eventually, expectRanOnce, openStage, patience, type Screen, type Stage, type StageOptions } from './stage.ts';

export type Situation = 'idle' | 'confirming' | 'running';

/** One fault in one situation. */
export interface Cell {
	/** What the operator sees, for the table of docs/faults.md. */
	readonly says: string;
	/** What comes onto the screen while the fault lasts, one after the other. */
	readonly during: readonly (string | RegExp)[];
	/** What must not be said meanwhile. */
	readonly never?: readonly RegExp[];
	/** What comes when it is over. */
	readonly after: readonly (string | RegExp)[];
}

/** A fault that the program lives through. */
export interface Fault {
	readonly name: string;
	readonly inject: (stage: Stage, situation: Situation) => Promise<void> | void;
	readonly heal: (stage: Stage, situation: Situation) => Promise<void> | void;
	/** Whether the fault ends by itself before the operator could heal it; `during` is still looked for. */
	readonly idle: Cell;
	readonly confirming: Cell;
	readonly running: Cell;
	readonly stage?: StageOptions;
}

const text = (screen: Screen) => screen.pty.screen().join('\n');

const suffer = async (
	fault: Fault,
	situation: Situation,
	{ stage, screen, meanwhile }: { stage: Stage; screen: Screen; meanwhile: () => Promise<void> },
) => {
	const { during, never = [], after } = fault[situation];
	await fault.inject(stage, situation);
	await screen.sees(...during);
	await meanwhile();
	for (const lie of never) {
		expect(text(screen)).not.toMatch(lie);
	}
	await fault.heal(stage, situation);
	await screen.sees(...after);
};

/** One connection, one session: whatever was lost on the way is not kept. */
const expectOneConnection = async ({ proxy, sshd }: Stage) => {
	await eventually('there is one connection again', () => proxy.open === 1);
	await eventually('there is one session again', () => sshd.sessions().length === 1);
};

/**
 * One program lives through a fault three times: on the idle dashboard, at the question, and while its run waits at the
 * gate, which is opened while the fault lasts.
 */
export const liveThrough = async (fault: Fault): Promise<void> => {
	const stage = await openStage(fault.stage);
	try {
		const screen = await stage.open();
		await suffer(fault, 'idle', { stage, screen, meanwhile: async () => {} });
		await expectOneConnection(stage);

		await screen.openConfirmation();
		await suffer(fault, 'confirming', {
			stage,
			screen,
			meanwhile: async () => {
				expect(text(screen)).toContain('Start it now?');
			},
		});
		expect(text(screen)).toContain('Start it now?');
		expect(stage.runs()).toEqual([]);
		expect(stage.ledger()).toBe('');
		await expectOneConnection(stage);

		const id = await screen.confirm();
		await suffer(fault, 'running', {
			stage,
			screen,
			meanwhile: async () => {
				stage.openGate();
				expect(await stage.resultOf(id)).toBe('succeeded 0');
			},
		});
		await screen.sees('three: the end', 'Done and verified');
		await screen.quit();
		await expectRanOnce(stage, id, 'passed');
		await stage.expectNothingLeft();
	} finally {
		await stage.close();
	}
};

export { patience };
