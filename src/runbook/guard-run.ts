import { ownCommand } from './own-command.ts';
import type { Run } from './run.ts';

/** The id of the watching step of a guard on the host. */
export const watchStepId = 'watch';

/** The id of the step that asks the checks again after the rollback. */
export const proveStepId = 'ask-again';

/** How the watch of a guard on the host ended; `acts`: with the steps of the rollback. */
export const guardEnds = ['well', 'failing', 'unknown', 'stood-down', 'acts'] as const;
export type GuardEnd = (typeof guardEnds)[number];

/** Returns how the watch of a guard ended, and why; undefined for other runs, and while it watches or when nothing says so. */
export const guardEndOf = ({
	plan,
	facts,
}: Pick<Run, 'plan' | 'facts'>): { readonly end: GuardEnd; readonly reason: string } | undefined => {
	const end = plan.guard === undefined ? undefined : guardEnds.find((one) => one === facts.guard);
	return end === undefined ? undefined : { end, reason: facts.guard_reason ?? '' };
};

/** True for a guard on the host that has not acted, and so has changed nothing. */
export const onlyWatched = (run: Pick<Run, 'plan' | 'facts'>): boolean =>
	run.plan.guard !== undefined && guardEndOf(run)?.end !== 'acts';

/**
 * True for a guard on the host that ended before it had come to anything, and that nobody has cancelled: the host was shut down or lost its
 * power, or its processes were killed.
 */
export const isInterrupted = (run: Pick<Run, 'plan' | 'facts' | 'state' | 'steps' | 'cancelledBy'>): boolean =>
	run.plan.guard !== undefined &&
	// A signal to its supervisor, as every process gets it before the host is shut down, is a cancel by nobody.
	(run.state === 'lost' || (run.state === 'cancelled' && run.cancelledBy === undefined)) &&
	guardEndOf(run) === undefined &&
	run.steps.slice(1).every(({ startedAt }) => startedAt === undefined);

/** Says that a guard was interrupted, and by what. */
export const interruptedWords = ({ lostBy }: Pick<Run, 'lostBy'>): string =>
	`the guard was interrupted, because ${lostBy === 'restart' ? 'the host was restarted' : 'its processes on the host were ended, as when it is shut down'}; it has changed nothing`;

/** Returns the command that continues an interrupted guard. */
export const resumeCommand = ({ id, plan }: Pick<Run, 'id' | 'plan'>): string =>
	ownCommand(
		[...['guard', '--resume', id], ...(plan.risk === 'destructive' ? ['--confirm', plan.target] : ['--yes'])],
		plan.target,
	);
