import { planRunPrune, pruneRuns } from '../../src/application/restore/restore-points.ts';
import { undoPlan } from '../../src/application/restore/undo.ts';
import { retryPlan } from '../../src/application/runs/retry.ts';
import { BackoutError } from '../../src/runbook/errors.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import { cancelRun, completeStep, listRuns, lockHolder, newRunId, startRun } from '../helpers/compose-runner.ts';
import { type Action, holderIn, lives, type Model, type ModelRun } from './model.ts';
import type { Operator, Place } from './place.ts';

const whoIs = ({ name }: Operator) => ({ user: name, machine: 'laptop' });

/** Starts a plan as a run with a label, and waits until it rests or has ended. */
const start = async (place: Place, by: Operator, label: number, plan: Plan, fate = 'none'): Promise<string> => {
	const id = newRunId();
	const options = { plan, who: whoIs(by), reason: 'r', state: place.deployment.state, id, graceSeconds: 1 };
	place.ids.set(label, id);
	if (fate === 'cut') {
		by.host.cutNext();
		await startRun(by.host, options).catch((error: unknown) => {
			if (!(error instanceof BackoutError)) throw error;
		});
		await startRun(by.host, options);
	} else if (fate === 'killed') {
		place.killStarter();
		await startRun(by.host, options).catch((error: unknown) => {
			place.starterLives();
			if (!(error instanceof BackoutError)) throw error;
			throw new BackoutError('refused', error.message);
		});
	} else {
		await startRun(by.host, options);
	}
	await place.untilRest(id, 1);
	return 'started';
};

const startPlanned = (place: Place, by: Operator, label: number, plan: Plan): Promise<string> => {
	const failed = plan.preconditions.find(({ state }) => state !== 'passed');
	if (failed !== undefined) throw new BackoutError('refused', failed.detail ?? failed.title);
	return start(place, by, label, plan);
};

/** Does with the real runner what an action says, waits until what it leads to rests, and gives the answer in the model's words. */
const doIt = async (place: Place, by: Operator, action: Action, run: ModelRun | undefined): Promise<string> => {
	const { host, session } = by;
	const id = run === undefined ? '' : place.idOf(run.label);
	const rests = place.watches.get(id)?.rests ?? 0;
	switch (action.does) {
		case 'start':
			return start(place, by, action.label, place.plan(action.label, action.kind), action.fate);
		case 'undo':
			return startPlanned(place, by, action.label, await undoPlan(session, id));
		case 'retry': {
			if (run !== undefined) place.closeGates(run);
			return startPlanned(place, by, action.label, await retryPlan(session, id));
		}
		case 'end':
			if (run === undefined || !run.script) return '';
			place.open(run, action.isWell);
			await place.untilRest(id, rests + 1);
			return '';
		case 'answer':
			await completeStep(host, session.target, id, {
				// A run that goes on with another one looks at its preconditions first, in a step of its own.
				step: run?.retries === undefined ? 1 : 2,
				answer: action.isDone ? 'done' : 'gave-up',
				who: whoIs(by),
				reason: 'r',
			});
			await place.untilRest(id, rests + 1);
			return 'taken';
		case 'cancel': {
			const { outcome } = await cancelRun(host, session.target, id, { who: whoIs(by) });
			return outcome === 'already-ended' ? 'ended' : outcome;
		}
		case 'kill':
			place.kill(id, action.what);
			return '';
		case 'prune': {
			await pruneRuns(session, await planRunPrune(session));
			return 'pruned';
		}
		case 'attach':
			place.attach(by, id);
			return '';
		case 'cut':
			host.cut();
			return '';
		case 'clock':
			place.setDay(action.day);
			return '';
	}
};

export const perform = (place: Place, by: Operator, action: Action, run: ModelRun | undefined): Promise<string> =>
	doIt(place, by, action, run).catch((error: unknown) => {
		// What a cut of this operator's link has lost is not known, and no refusal.
		if (error instanceof BackoutError && error.code !== 'outcome-unknown' && error.code !== 'unreachable')
			return 'refused';
		throw error;
	});

/** What an operator is told of the deployment, and what is on the host. */
const observed = async (place: Place, { host, session }: Operator): Promise<string> => {
	const listed = await listRuns(host, session.target);
	const runs = [...place.ids].flatMap(([label, id]) => {
		const run = listed.find((one) => one.id === id);
		const isAtWork = place.processesOf(id).length > 0;
		return run === undefined
			? []
			: [`${label} ${run.state}${isAtWork ? ', at work' : ''}${run.pruned ? ', pruned' : ''}`];
	});
	const holder = await lockHolder(host, session.target);
	const held = [...place.ids].find(([, id]) => id === holder?.run)?.[0];
	return [...runs, `lock ${holder === undefined ? 'free' : held}`, place.env].join('\n');
};

const expected = (model: Model): string =>
	[
		...model.runs.map(
			(run) => `${run.label} ${run.state}${run.shell || run.script ? ', at work' : ''}${run.pruned ? ', pruned' : ''}`,
		),
		`lock ${holderIn(model)?.label ?? 'free'}`,
		model.env,
	].join('\n');

/** The first of these models that an operator's view comes to be like; fails with the differences. */
export const settle = async (place: Place, by: Operator, models: readonly Model[], seconds = 30): Promise<Model> => {
	let seen = '';
	let found: Model | undefined;
	await place.until(async () => {
		seen = await observed(place, by);
		found = models.find((model) => expected(model) === seen);
		return found !== undefined;
	}, seconds);
	if (found === undefined) throw new Error(`it is\n${seen}\n\nand not\n${models.map(expected).join('\n\nnor\n')}`);
	return found;
};

/** Ends all that still goes on, and says what must not be. */
export const judge = async (place: Place, model: Model): Promise<readonly string[]> => {
	const [by] = place.operators;
	if (by === undefined) return [];
	for (const run of model.runs.filter(lives)) await cancelRun(by.host, by.session.target, place.idOf(run.label));
	const lines = place.ledgerLines();
	const wrong = lines.filter((line, index) => lines.indexOf(line) < index).map((line) => `ran twice: ${line}`);
	if (!(await place.until(() => place.left().length === 0, 20))) wrong.push(`left: ${place.left().join('; ')}`);
	if ((await perform(place, by, { does: 'start', label: 99, kind: 'ask', fate: 'none' }, undefined)) !== 'started') {
		wrong.push('a later start is refused');
	} else {
		await cancelRun(by.host, by.session.target, place.idOf(99));
	}
	return [...wrong, ...place.wrong];
};
