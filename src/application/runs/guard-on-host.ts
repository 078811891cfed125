import type { DesiredAnswer, DesiredService } from '../../engine/desired.ts';
import type { InstanceSummary } from '../../engine/instance.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { checkKindOf } from '../../services/checks/check-kinds.ts';
import type { ExpectedOnHost, HostMeans, HostQuestion } from '../../services/checks/on-host.ts';
import { expectedLines } from '../../services/checks/on-host.ts';
import { runScript } from '../../services/host/run-script.ts';
import { mainServices } from '../../services/monitors/expected-containers.ts';
import { guardSteps } from '../../services/runner/guard/guard-steps.ts';
import type { Session } from '../fleet/session.ts';
import { deployedBy } from '../plans/blocked-version.ts';
import { checksOf } from '../watching/checks-of.ts';
import type { Guarded } from './prepare-guard.ts';

/** The times of a guard, ms. */
export interface GuardTimes {
	readonly forMs: number;
	readonly graceMs: number;
	readonly intervalMs: number;
	/** How long checks must keep failing before it acts. */
	readonly lastingMs: number;
	/** True: the checks have just passed, so no failure is older than the watch. */
	readonly wellAtStart?: boolean;
}

const kindOf = (
	{ name, ports, healthcheck, restartGiven }: DesiredService,
	jobs: readonly string[],
	main: readonly string[],
): ExpectedOnHost['kind'] => {
	if (main.includes(name) || healthcheck === 'given' || ports.length > 0) {
		return 'serves';
	}
	return jobs.includes(name) ? 'job' : restartGiven ? 'ends' : 'unclear';
};

/** Returns what should run, as a guard on the host judges it; a text: why that is not known. */
export const expectedOnHost = (
	answer: DesiredAnswer,
	instances: readonly Pick<InstanceSummary, 'service'>[],
	service: string | undefined,
): readonly ExpectedOnHost[] | string => {
	const { desired } = answer;
	if (desired !== undefined) {
		const main = mainServices(
			service,
			desired.services.map(({ name }) => name),
		);
		return desired.services.map((one) => ({
			service: one.name,
			replicas: one.replicas,
			kind: kindOf(one, desired.jobs, main),
		}));
	}
	if (answer.isManaged !== true) {
		return `it is unknown what should run: ${answer.unreadable}`;
	}
	const counts = new Map<string, number>();
	for (const { service: name } of instances) {
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}
	return [...counts].map(([name, replicas]) => ({ service: name, replicas, kind: 'unclear' }));
};

/** Says what the host has to ask with. */
const readMeans = async ({ host, engine, target }: Session, signal: AbortSignal): Promise<HostMeans> => {
	const script =
		'command -v curl; for one in perl python3 bash socat busybox nc; do command -v "$one" && break; done; exit 0';
	const [{ stdout }, answer, instances] = await Promise.all([
		runScript(host, script, { purpose: 'say what it has to ask with', signal }),
		engine.desired({ signal, maxAgeMs: 0 }),
		engine.list(signal),
	]);
	const programs = stdout.split('\n').filter((line) => line !== '');
	const hasCurl = programs.some((path) => path.endsWith('/curl'));
	return {
		hasCurl,
		hasRelay: programs.length > (hasCurl ? 1 : 0),
		expected: expectedOnHost(answer, instances, target.runbook.variables.service),
		...(engine.shell.converged !== undefined && { converged: engine.shell.converged }),
	};
};

interface Asked {
	readonly check: CheckDefinition;
	readonly question: HostQuestion;
}

const questionOf = (check: CheckDefinition, means: HostMeans): HostQuestion | string =>
	checkKindOf(check).onHost?.(check, means) ?? 'only backout itself can ask it';

/** Returns the checks that the host can ask, and what it cannot, in words. */
const divide = (
	checks: readonly CheckDefinition[],
	means: HostMeans,
): { readonly asked: readonly Asked[]; readonly notAsked: readonly string[] } => {
	const all = checks.map((check) => ({ check, question: questionOf(check, means) }));
	return {
		asked: all.flatMap(({ check, question }) => (typeof question === 'string' ? [] : [{ check, question }])),
		notAsked: all.flatMap(({ check: { title }, question }) =>
			typeof question === 'string'
				? [`${title}: ${question}`]
				: question.without === undefined
					? []
					: [`${title}: asked without ${question.without}`],
		),
	};
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const secondsOf = (ms: number): number => Math.max(1, Math.round(ms / 1000));

/** The environment of the watching step: see watch.sh. */
const watchEnvironment = (
	session: Session,
	plan: Plan,
	asked: readonly Asked[],
	{ forMs, graceMs, intervalMs, lastingMs, wellAtStart = false }: GuardTimes,
): Readonly<Record<string, string>> => {
	// An undo is no procedure of the runbook.
	const inputs = session.target.runbook.procedures.find(({ id }) => id === plan.procedure)?.inputs ?? [];
	const back = deployedBy(plan);
	const after = plan.expects?.services?.map(
		({ service, replicas = 1, unwell }): ExpectedOnHost => ({
			service,
			replicas: unwell === true ? 0 : replicas,
			kind: 'unclear',
		}),
	);
	const target = plan.inputs.flatMap(({ name, value }) => {
		const type = inputs.find((input) => input.name === name)?.type;
		return type === 'commit' ? [`commits\t${value}`] : type === 'image' ? [`images\t${value}`] : [];
	});
	const lines = asked.map(({ check, question: { ask, intervalSeconds = 0 } }, index) => {
		const { decisive = false, neededByGuard = false } = checkKindOf(check);
		return [index + 1, ask, Number(decisive), Number(neededByGuard), intervalSeconds, oneLine(check.title)].join('\t');
	});
	const values = asked.flatMap(({ question: { values: given, seconds } }, index) =>
		Object.entries({
			...given,
			seconds: String(seconds),
			...(given.services !== undefined && {
				services_after: after === undefined ? given.services : expectedLines(after),
			}),
		}).map(([name, value]) => [`guard_${index + 1}_${name}`, value] as const),
	);
	return {
		guard_checks: lines.join('\n'),
		guard_well: wellAtStart ? '1' : '',
		guard_target: target.join('\n'),
		guard_commit: back.commit ?? '',
		guard_images: back.images.join('\n'),
		guard_for: String(secondsOf(forMs)),
		guard_grace: String(Math.round(graceMs / 1000)),
		guard_interval: String(secondsOf(intervalMs)),
		guard_lasting: String(secondsOf(lastingMs)),
		guard_settle: String(secondsOf(session.target.runbook.verification.settleMs)),
		...Object.fromEntries(values),
	};
};

/** The plan of a guard on the host. */
export type PlanOnHost = Plan & { readonly guard: NonNullable<Plan['guard']> };

/** Returns what the host cannot ask by itself of the checks of the runbook, and why. */
export const notAskedByHost = async (session: Session, signal: AbortSignal): Promise<readonly string[]> => {
	const { target } = session;
	return divide(checksOf(target, target.runbook.verification.checks), await readMeans(session, signal)).notAsked;
};

/**
 * Makes the plan of a guard that lives on the host: a step that watches, the steps of the rollback, and one that asks the checks again.
 * Changes nothing. Throws `refused` when the host can ask none of the checks by itself.
 */
export const planOnHost = async (
	session: Session,
	{ plan }: Pick<Guarded, 'plan'>,
	times: GuardTimes,
	signal: AbortSignal,
): Promise<PlanOnHost> => {
	const { target, host, engine } = session;
	const { checks: ids, settleMs } = target.runbook.verification;
	const { asked, notAsked } = divide(checksOf(target, ids), await readMeans(session, signal));
	if (asked.length === 0) {
		throw new BackoutError('refused', `the host can ask none of the checks by itself: ${notAsked.join('; ')}`, {
			host: host.name,
			next: 'nothing was changed; with --here this machine asks them',
		});
	}
	const { forMs, graceMs, intervalMs, lastingMs } = times;
	const roundSeconds = asked.reduce((sum, { question: { seconds } }) => sum + seconds + 3, 60);
	const settle = secondsOf(settleMs);
	const { watch, prove } = guardSteps(engine.shell, {
		title: `Watch ${target.name}`,
		summary: `Changes nothing. Asks by itself: ${asked.map(({ check: { title } }) => title).join(', ')}.`,
		watchTimeoutSeconds: secondsOf(forMs) + 6 * secondsOf(lastingMs) + secondsOf(intervalMs) + 2 * roundSeconds + 60,
		proveSeconds: Math.min(plan.verification.deadlineSeconds, 3 * settle + 30),
		roundSeconds,
	});
	return {
		...plan,
		title: `Guard: ${plan.title}`,
		environment: { ...plan.environment, ...watchEnvironment(session, plan, asked, times) },
		steps: [watch, ...plan.steps, prove],
		guard: {
			procedure: plan.title,
			forSeconds: secondsOf(forMs),
			graceSeconds: Math.round(graceMs / 1000),
			intervalSeconds: secondsOf(intervalMs),
			lastingSeconds: secondsOf(lastingMs),
			checks: asked.map(({ check: { id } }) => id),
			notAsked,
		},
	};
};
