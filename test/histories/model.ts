/** What a run is in the model. `undo` ends by itself; the others wait at a gate, or for an operator. */
export interface ModelRun {
	readonly label: number;
	readonly kind: 'change' | 'ask' | 'look' | 'undo';
	/** When it was started by the host's clock, in days and then in order. */
	readonly day: number;
	/** Index of the step at which it rests, among those of its kind. */
	readonly at: number;
	readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';
	/** Which processes of it live. */
	readonly supervisor: boolean;
	readonly shell: boolean;
	readonly script: boolean;
	/** The content of `.env` in its restore point. */
	readonly kept?: string;
	/** The run that it takes the place of. */
	readonly origin?: number;
	/** The run that it retries. */
	readonly retries?: number;
	readonly pruned: boolean;
}

export interface Model {
	readonly runs: readonly ModelRun[];
	readonly env: string;
	/** By how many days the host's clock is ahead. */
	readonly day: number;
}

/** What an operator or an accident does; `run` is the label of a run. */
export type Action =
	| { readonly does: 'start'; readonly label: number; readonly kind: 'change' | 'ask' | 'look'; readonly fate: Fate }
	| { readonly does: 'end'; readonly run: number; readonly isWell: boolean }
	| { readonly does: 'answer'; readonly run: number; readonly isDone: boolean }
	| { readonly does: 'undo' | 'retry'; readonly run: number; readonly label: number }
	| { readonly does: 'kill'; readonly run: number; readonly what: 'supervisor' | 'shell' | 'script' }
	| { readonly does: 'cancel' | 'attach'; readonly run: number }
	| { readonly does: 'prune' | 'cut' }
	| { readonly does: 'clock'; readonly day: number };

/** Of the program that starts a run: its link is cut and it is started again with the same id, or it is killed. */
export type Fate = 'none' | 'cut' | 'killed';

export const stepsOf = { change: ['gate', 'gate'], ask: ['manual', 'gate'], look: ['gate'], undo: [] } as const;

const dead = { supervisor: false, shell: false, script: false };
export const lives = (run: ModelRun): boolean => run.supervisor || run.shell || run.script;
/** The run that has the lock: a step keeps it when its supervisor is killed, a script alone does not. */
export const holderIn = ({ runs }: Model): ModelRun | undefined =>
	runs.find((run) => run.kind !== 'look' && (run.supervisor || run.shell));
const later = (one: ModelRun, other: ModelRun) =>
	one.day > other.day || (one.day === other.day && one.label > other.label);
const originOf = (model: Model, run: ModelRun) =>
	model.runs.find(({ label }) => label === (run.origin ?? run.label)) ?? run;
const keeps = (run: ModelRun) => run.kept !== undefined && run.origin === undefined && !run.pruned;
const put = (model: Model, run: ModelRun): Model => ({
	...model,
	runs: [...model.runs.filter(({ label }) => label !== run.label), run].toSorted(
		(one, other) => one.label - other.label,
	),
});

/** Without the runs that are too old: none that goes on, that another needs, or that is the newest with a restore point. */
const prune = (model: Model): Model => {
	const wayBack = model.runs
		.filter(keeps)
		.reduce<ModelRun | undefined>((best, run) => (best && later(best, run) ? best : run), undefined);
	const isNeeded = ({ label }: ModelRun) =>
		model.runs.some(
			(run) => !run.pruned && run.state !== 'succeeded' && (run.origin === label || run.retries === label),
		);
	return {
		...model,
		runs: model.runs.map((run) =>
			model.day - run.day > 90 && run.state !== 'running' && !lives(run) && !isNeeded(run) && run !== wayBack
				? { ...run, pruned: true }
				: run,
		),
	};
};

/** The run has come to the step at this index: it rests there, or has ended. */
const comeTo = (model: Model, run: ModelRun, at: number): Model => {
	const step = stepsOf[run.kind][at];
	const rests = { ...run, at, supervisor: true, shell: true, script: step === 'gate' };
	const env = run.kind === 'change' && at === 0 ? `change ${run.origin ?? run.label}` : model.env;
	return { ...put(model, step === undefined ? { ...run, ...dead, state: 'succeeded' } : rests), env };
};

const begin = (model: Model, fields: Pick<ModelRun, 'label' | 'kind'> & Partial<ModelRun>): Model => {
	const run: ModelRun = {
		day: model.day,
		at: 0,
		state: 'running',
		pruned: false,
		...dead,
		supervisor: true,
		...fields,
	};
	const { kept: _, ...withoutPoint } = run;
	const added = put(model, withoutPoint);
	return comeTo(run.kind === 'look' ? added : prune(added), run, run.at);
};

/** No change can be started: somebody has the lock, or processes of a run that has died still work. */
const isBusy = (model: Model) => model.runs.some((run) => run.kind !== 'look' && lives(run));

/** Its step has ended. */
const endStep = (model: Model, run: ModelRun, isWell: boolean): Model => {
	// The step's shell records its end by itself, and the run goes no further.
	if (!run.supervisor) return put(model, { ...run, ...dead, at: isWell && run.shell ? run.at + 1 : run.at });
	return isWell ? comeTo(model, run, run.at + 1) : put(model, { ...run, ...dead, state: 'failed' });
};

const kill = (model: Model, run: ModelRun, what: 'supervisor' | 'shell' | 'script'): Model => {
	if (!run[what]) return model;
	if (what === 'supervisor') return put(model, { ...run, supervisor: false, state: 'lost' });
	if (what === 'script' && run.shell) return endStep(model, run, false);
	// The supervisor ends what a step's shell that was killed has left.
	return run.supervisor ? put(model, { ...run, ...dead, state: 'failed' }) : put(model, { ...run, [what]: false });
};

const undo = (model: Model, run: ModelRun, label: number): readonly [Model, string] => {
	const { kept, pruned } = originOf(model, run);
	const cannot =
		run.state === 'running' || isBusy(model) || kept === undefined || pruned || run.pruned || kept === model.env;
	return cannot
		? [model, 'refused']
		: [{ ...begin(model, { label, kind: 'undo', kept: model.env }), env: kept }, 'started'];
};

const retry = (model: Model, run: ModelRun, label: number): readonly [Model, string] => {
	const since = model.runs.some((other) => other.label !== run.label && other.kind !== 'look' && later(other, run));
	const cannot =
		run.state === 'running' ||
		run.state === 'succeeded' ||
		run.at >= stepsOf[run.kind].length ||
		run.pruned ||
		originOf(model, run).pruned ||
		(run.kind !== 'look' && (isBusy(model) || since));
	if (cannot) return [model, 'refused'];
	const { kind, at, kept } = run;
	const again = { label, kind, at, origin: run.origin ?? run.label, retries: run.label };
	return [begin(model, { ...again, ...(kept !== undefined && { kept }) }), 'started'];
};

/** What the action leads to, and what the runner answers. */
export const act = (model: Model, action: Action): readonly [Model, string] => {
	const run = 'run' in action ? model.runs.find(({ label }) => label === action.run) : undefined;
	if (action.does === 'start') {
		if (action.fate === 'killed' || (action.kind !== 'look' && isBusy(model))) return [model, 'refused'];
		const { label, kind } = action;
		return [begin(model, { label, kind, ...(kind === 'change' && { kept: model.env }) }), 'started'];
	}
	if (action.does === 'clock') return [{ ...model, day: action.day }, ''];
	if (action.does === 'prune') return holderIn(model) ? [model, 'refused'] : [prune(model), 'pruned'];
	if (run === undefined) return [model, ''];
	if (action.does === 'undo') return undo(model, run, action.label);
	if (action.does === 'retry') return retry(model, run, action.label);
	if (action.does === 'kill') return [kill(model, run, action.what), ''];
	if (action.does === 'end')
		return [
			run.script ? (run.shell ? endStep(model, run, action.isWell) : put(model, { ...run, ...dead })) : model,
			'',
		];
	if (action.does === 'answer') {
		if (!(run.supervisor && stepsOf[run.kind][run.at] === 'manual')) return [model, 'refused'];
		return [endStep(model, run, action.isDone), 'taken'];
	}
	if (action.does === 'cancel') {
		const ends = run.state === 'running' || (run.state === 'lost' && lives(run));
		return ends ? [put(model, { ...run, ...dead, state: 'cancelled' }), 'cancelled'] : [model, 'ended'];
	}
	return [model, ''];
};
