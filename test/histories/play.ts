import fc from 'fast-check';
import { type Action, act, type Fate, type Model, type ModelRun } from './model.ts';
import { judge, perform, settle } from './perform.ts';
import { Place } from './place.ts';

/** The model as fast-check keeps it: what is now, and how many runs were started. */
interface Kept {
	now: Model;
	label: number;
}

/** An action that is drawn before it is known which runs there are: `pick` chooses among those that it can be about. */
interface Draw {
	readonly does: Action['does'];
	readonly by: number;
	readonly pick: number;
	readonly kind: 'change' | 'ask' | 'look';
	readonly fate: Fate;
	readonly isWell: boolean;
	readonly what: 'supervisor' | 'shell' | 'script';
	readonly day: number;
}

const about: Partial<Record<Action['does'], (run: ModelRun, draw: Draw) => boolean>> = {
	end: ({ script }) => script,
	answer: ({ kind }) => kind === 'ask',
	undo: ({ kind }) => kind !== 'look',
	retry: ({ kind, state }) => kind !== 'undo' && state !== 'succeeded',
	kill: (run, { what }) => run[what],
	cancel: () => true,
	attach: ({ pruned }) => !pruned,
};

/** The action of a draw, and the run that it is about; undefined when there is no such run. */
const resolve = (
	draw: Draw,
	model: Model,
	label: number,
): { action: Action; run: ModelRun | undefined } | undefined => {
	const fits = about[draw.does];
	if (fits === undefined) return { action: { ...draw, label } as Action, run: undefined };
	const runs = model.runs.filter((run) => fits(run, draw));
	const run = runs[draw.pick % Math.max(1, runs.length)];
	if (run === undefined) return undefined;
	return { action: { ...draw, run: run.label, label, isDone: draw.isWell } as Action, run };
};

const words = ({ does, by, pick, kind, fate, isWell, what, day }: Draw): string => {
	const more = {
		start: `${kind} ${fate}`,
		kill: `${what} of ${pick}`,
		end: `${pick} ${isWell}`,
		answer: `${pick} ${isWell}`,
		clock: day,
	};
	return `${['ana', 'ben'][by]} ${does} ${(more as Record<string, unknown>)[does] ?? pick}`;
};

/** What actions lead to, and what is answered to each. */
interface Outcome {
	readonly said: readonly string[];
	readonly model: Model;
}

const inOrder = (before: Model, actions: readonly Action[], order: readonly number[]): Outcome => {
	const said: string[] = [];
	const model = order.reduce((now, index) => {
		const [next, answer] = act(now, actions[index] ?? { does: 'cut' });
		said[index] = answer;
		return next;
	}, before);
	return { said, model };
};

/** Two actions that are answered as if each were alone, and of which only one has an effect. */
const onlyOne = (before: Model, actions: readonly Action[], effective: number): Outcome => {
	const { model } = inOrder(before, actions, [effective]);
	return { model, said: actions.map((_, index) => inOrder(before, actions, [index]).said[index] ?? '') };
};

/**
 * A run ends some time after it was answered or told to cancel. A cancel that comes between the two finds the run, and
 * ends it as cancelled, too.
 */
const overtaken = (before: Model, actions: readonly Action[], first: number, second: number): readonly Outcome[] => {
	const [one, other] = [actions[first], actions[second]];
	if (other?.does !== 'cancel' || (one?.does !== 'answer' && one?.does !== 'cancel') || one.run !== other.run)
		return [];
	return [onlyOne(before, actions, second)];
};

/** A kill of a step's shell or script hits nobody where that step has just ended, and the next one has not begun. */
const missed = (before: Model, actions: readonly Action[], first: number, second: number): readonly Outcome[] => {
	const [one, other] = [actions[first], actions[second]];
	if (other?.does !== 'kill' || other.what === 'supervisor' || one?.does !== 'end' || one.run !== other.run) return [];
	return [onlyOne(before, actions, first)];
};

/** All that one action, or two at the same time, may come to. */
const outcomesOf = (before: Model, actions: readonly Action[]): readonly Outcome[] =>
	actions.length === 1
		? [inOrder(before, actions, [0])]
		: [
				inOrder(before, actions, [0, 1]),
				inOrder(before, actions, [1, 0]),
				...overtaken(before, actions, 0, 1),
				...overtaken(before, actions, 1, 0),
				...missed(before, actions, 0, 1),
				...missed(before, actions, 1, 0),
			];

/** Several draws at the same time: there is an order in which the model gives the same answers and comes to what is seen. */
class Together implements fc.AsyncCommand<Kept, Place> {
	readonly draws: readonly Draw[];

	constructor(draws: readonly Draw[]) {
		this.draws = draws;
	}

	check = ({ now, label }: Kept): boolean =>
		this.draws.every((draw, index) => resolve(draw, now, label + index) !== undefined);

	toString = (): string => this.draws.map(words).join(' | ');

	async run(kept: Kept, place: Place): Promise<void> {
		const before = kept.now;
		const all = this.draws.flatMap((draw, index) => {
			const resolved = resolve(draw, before, kept.label + index);
			const by = place.operators[draw.by];
			return resolved === undefined || by === undefined ? [] : [{ ...resolved, by, label: kept.label + index }];
		});
		kept.label += all.length;
		const answers = await Promise.all(all.map(({ by, action, run }) => perform(place, by, action, run)));
		const outcomes = outcomesOf(
			before,
			all.map(({ action }) => action),
		);
		const legal = outcomes.filter(({ said }) => said.join() === answers.join());
		if (legal.length === 0)
			throw new Error(`answers: ${answers.join()}, and not ${outcomes.map(({ said }) => said.join()).join(' or ')}`);
		const by = place.operators[1 - (this.draws[0]?.by ?? 0)] ?? all[0]?.by;
		if (by === undefined) return;
		kept.now = await settle(
			place,
			by,
			legal.map(({ model }) => model),
		);
		if (place.wrong.length > 0) throw new Error(place.wrong.join('\n'));
	}
}

const draw = (does: Action['does']): fc.Arbitrary<Draw> =>
	fc.record({
		does: fc.constant(does),
		by: fc.nat(1),
		pick: fc.nat(3),
		kind: fc.constantFrom('change', 'ask', 'look'),
		fate: fc.oneof(
			{ arbitrary: fc.constant('none' as const), weight: 4 },
			fc.constantFrom('cut' as const, 'killed' as const),
		),
		isWell: fc.boolean(),
		what: fc.constantFrom('supervisor', 'shell', 'script'),
		day: fc.constantFrom(0, 100, -100),
	});

/** What may meet: an undo and a retry are planned first and started later, so that more happens between them than one order tells. */
const meets = ['start', 'start', 'end', 'answer', 'cancel', 'kill', 'cut'] as const;

const commands = (replayPath?: string) => {
	const one = (does: Action['does'], weight: number) => ({
		arbitrary: draw(does).map((drawn) => new Together([drawn])),
		weight,
	});
	const two = fc.tuple(fc.constantFrom(...meets).chain(draw), fc.constantFrom(...meets).chain(draw)).map(
		([first, second]) =>
			new Together([
				{ ...first, fate: 'none' },
				{ ...second, fate: 'none', by: 1 - first.by },
			]),
	);
	const all = fc.oneof(
		one('start', 5),
		one('end', 5),
		...(['answer', 'cancel', 'kill', 'undo', 'retry', 'clock', 'prune'] as const).map((does) => one(does, 2)),
		...(['attach', 'cut'] as const).map((does) => one(does, 1)),
		{ arbitrary: two, weight: 5 },
	);
	return fc.commands([all], { maxCommands: 16, size: 'max', ...(replayPath !== undefined && { replayPath }) });
};

export interface PlayOptions {
	readonly runs: number;
	readonly seed: number;
	/** Where fast-check takes up again: what it printed for a violation. */
	readonly path?: string | undefined;
	readonly replayPath?: string | undefined;
	/** It ends after so much time, ms. */
	readonly limitMs?: number | undefined;
	/** A violation is not made smaller: that takes its time. */
	readonly isWhole?: boolean | undefined;
	readonly tell?: (line: string) => void;
}

/** Plays histories at random; gives how many, how many actions, and the report of the first violation, made as small as it gets. */
export const playHistories = async ({ runs, seed, path, replayPath, limitMs, isWhole, tell }: PlayOptions) => {
	let actions = 0;
	const property = fc.asyncProperty(commands(replayPath), async (history) => {
		const place = new Place();
		const kept: Kept = { now: { runs: [], env: 'first', day: 0 }, label: 0 };
		try {
			await fc.asyncModelRun(() => ({ model: kept, real: place }), history);
			const wrong = await judge(place, kept.now);
			if (wrong.length > 0) throw new Error(wrong.join('\n'));
			actions += kept.label;
			tell?.(`held: ${history}`);
		} catch (error) {
			tell?.(`VIOLATION: ${history}\n${error instanceof Error ? error.stack : error}`);
			throw error;
		} finally {
			await place.close();
		}
	});
	const details = await fc.check(property, {
		numRuns: runs,
		seed,
		endOnFailure: isWhole === true,
		...(path !== undefined && { path }),
		...(limitMs !== undefined && { interruptAfterTimeLimit: limitMs, markInterruptAsFailure: false }),
	});
	const error = details.errorInstance instanceof Error ? details.errorInstance.stack : '';
	return {
		played: details.numRuns,
		actions,
		report: details.failed ? `${fc.defaultReportMessage(details)}\n${error}` : undefined,
	};
};
