import { parseMillis } from '../../engine/time.ts';
import { mainContainer } from './names.ts';
import { isLost } from './nodes.ts';
import type { RawContainerStatus, RawPod } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

/** How a pod is, in Docker's words for a container, with the reason of what is wrong. */
export interface PodTrouble {
	readonly status: string;
	/** The reason why it does not run; empty when nothing is wrong. */
	readonly error: string;
	readonly exitCode?: number | undefined;
	readonly oomKilled: boolean;
	/** The time of the last end of a container, ms by the host's clock. */
	readonly at?: number | undefined;
}

/** Reasons of waiting that need no word: everything goes its way. */
const onTheWay = ['ContainerCreating', 'PodInitializing', 'Pulling'];
/** Reasons of waiting after an end: the kubelet will try again. */
const triedAgain = ['CrashLoopBackOff', 'RunContainerError', 'PostStartHookError'];

const said = (reason: string | undefined, message: string | undefined): string =>
	[reason, message].filter((text) => text !== undefined && text !== '').join(': ');

const lastEnd = ({ state, lastState }: RawContainerStatus) => state?.terminated ?? lastState?.terminated;

/** Returns the words for the end of a container: `OOMKilled`, or the message that it left. The exit code says the rest. */
const endWords = (status: RawContainerStatus): string => {
	const { reason, message } = lastEnd(status) ?? {};
	return said(reason === 'Error' || reason === 'Completed' ? undefined : reason, message?.trim());
};

/** Returns what is wrong with one container; undefined when it runs, or is about to. */
const containerTrouble = (status: RawContainerStatus, isRetried: boolean): PodTrouble | undefined => {
	const { state = {} } = status;
	const end = lastEnd(status);
	const ended = {
		exitCode: end?.exitCode,
		oomKilled: end?.reason === 'OOMKilled',
		at: parseMillis(end?.finishedAt),
	};
	const { reason = '', message } = state.waiting ?? {};
	if (state.terminated !== undefined) {
		return { status: isRetried ? 'restarting' : 'exited', error: endWords(status), ...ended };
	}
	if (triedAgain.includes(reason)) {
		const why = reason === 'CrashLoopBackOff' ? endWords(status) : said(reason, message);
		return { status: 'restarting', error: why || reason, ...ended };
	}
	if (state.waiting !== undefined && !onTheWay.includes(reason) && reason !== '') {
		return { status: end === undefined ? 'created' : 'restarting', error: said(reason, message), ...ended };
	}
	return undefined;
};

/** Returns why a pod without trouble of a container does not run yet: it fits on no node, a volume is missing, an init container has failed. */
const pendingReason = (pod: RawPod, { events }: Snapshot): string => {
	const scheduled = (pod.status.conditions ?? []).find(({ type }) => type === 'PodScheduled');
	if (scheduled?.status === 'False') {
		return said(scheduled.reason, scheduled.message);
	}
	const newest = events
		.filter(({ about, type, reason }) => about === pod.uid && type === 'Warning' && reason !== 'Unhealthy')
		.toSorted((a, b) => (parseMillis(a.at) ?? 0) - (parseMillis(b.at) ?? 0))
		.at(-1);
	return newest === undefined ? '' : said(newest.reason, newest.message);
};

/** Says how a pod is. The container with the worst trouble counts, whichever it is: with one of them down the pod does not serve. */
export const troubleOf = (pod: RawPod, snapshot: Snapshot): PodTrouble => {
	const { status, spec } = pod;
	if (isLost(spec.nodeName, snapshot)) {
		const error = `its node ${spec.nodeName} is lost: what runs there is not known`;
		return { status: 'dead', error, oomKilled: false };
	}
	if (status.phase === 'Unknown') {
		return { status: 'dead', error: said(status.reason, status.message), oomKilled: false };
	}
	const main = mainContainer(spec, pod.annotations)?.name;
	const isRetried = spec.restartPolicy !== 'Never';
	const inits = (status.initContainerStatuses ?? [])
		.filter(({ state }) => state?.terminated?.exitCode !== 0)
		.flatMap((one) => {
			const trouble = containerTrouble(one, isRetried);
			return trouble === undefined ? [] : [{ ...trouble, error: `init container ${one.name}: ${words(trouble)}` }];
		});
	const others = (status.containerStatuses ?? [])
		.toSorted((a, b) => Number(b.name === main) - Number(a.name === main))
		.flatMap((one) => {
			const trouble = containerTrouble(one, isRetried);
			const isAside = trouble !== undefined && one.name !== main;
			return trouble === undefined
				? []
				: [isAside ? { ...trouble, error: `container ${one.name}: ${words(trouble)}` } : trouble];
		});
	const worst = inits[0] ?? others[0];
	if (worst !== undefined) {
		return worst;
	}
	const last = (status.containerStatuses ?? []).find(({ name }) => name === main);
	// A container that was killed for its memory and runs again is worth a word.
	const oomKilled = last?.lastState?.terminated?.reason === 'OOMKilled';
	return status.phase === 'Running'
		? { status: 'running', error: '', oomKilled }
		: { status: 'created', error: pendingReason(pod, snapshot), oomKilled: false };
};

/** Returns trouble in words, with the exit code. */
const words = ({ error, exitCode }: PodTrouble): string =>
	[error, exitCode === undefined ? '' : `exit code ${exitCode}`].filter((text) => text !== '').join(', ') || 'not up';
