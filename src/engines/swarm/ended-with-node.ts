import { parseMillis } from '../../engine/time.ts';
import type { RawTask } from './raw.ts';

/** Tasks that ended at most this long apart have ended together, ms. */
const togetherMs = 2000;
/** The exit code that an engine gives a container which was gone when the engine came back. Programs use it, too. */
const codeOfGone = 255;
/** Matches the words of a node that has just come back, and is no part of the swarm yet (seen with 20.10). */
const notReady = /swarm is not active/;

const endOf = (task: RawTask): number => parseMillis(task.Status?.Timestamp) ?? 0;
const wasGone = ({ Status: status }: RawTask): boolean =>
	status?.State === 'failed' && status.ContainerStatus?.ExitCode === codeOfGone;

/**
 * Returns what tells whether a task ended because its node was lost or its engine was started again, and not by itself: such an end is no
 * crash. It is so if the task after it in the same place was made before it ended, as the managers had given it up; if others on its node
 * ended with it, with the exit code for what was gone; or if the node was not ready for it.
 *
 * @param tasks all tasks of the stack
 */
export const findEndedWithNode = (
	tasks: readonly RawTask[],
): ((task: RawTask, next: RawTask | undefined) => boolean) => {
	const gone = tasks.filter(wasGone);
	return (task, next) => {
		const { State: state, Err: error = '' } = task.Status ?? {};
		if (state === 'rejected') {
			return notReady.test(error);
		}
		return (
			state === 'failed' &&
			(endOf(task) > (parseMillis(next?.CreatedAt) ?? Number.POSITIVE_INFINITY) ||
				(wasGone(task) &&
					gone.some(
						(other) =>
							other !== task && other.NodeID === task.NodeID && Math.abs(endOf(other) - endOf(task)) <= togetherMs,
					)))
		);
	};
};
