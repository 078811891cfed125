import type { Host } from '../host/host.ts';

/** Says why the link cannot be used now; undefined while it is up. */
export const linkTrouble = (link: Host['link']): string | undefined => {
	const { status, reason } = link.get();
	if (status === 'up') {
		return undefined;
	}
	return `the link is ${status}${reason ? `: ${reason}` : ''}`;
};

/** True while the link is being made for the first time, without a failure so far. */
export const linkIsMade = (link: Host['link']): boolean => {
	const { status, reason } = link.get();
	return status === 'connecting' && reason === undefined;
};

/** True when the link is lost. A silent one may recover, so requests on it continue. */
export const linkLost = (link: Host['link']): boolean => !['up', 'silent'].includes(link.get().status);

/** Resolves when `holds` does after a change of the link, or on abort. Never rejects. */
export const linkBecomes = (link: Host['link'], holds: () => boolean, signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		const done = () => {
			unsubscribe();
			signal.removeEventListener('abort', done);
			resolve();
		};
		const unsubscribe = link.subscribe(() => {
			if (holds()) {
				done();
			}
		});
		signal.addEventListener('abort', done, { once: true });
		if (holds() || signal.aborted) {
			done();
		}
	});
