import type { Instance } from '../../engine/instance.ts';

/** How containers ended, as far as it was seen: their ids. */
export interface Endings {
	/** They were stopped: a signal came before the end. */
	readonly stopped: ReadonlySet<string>;
	/** They ended by themselves. */
	readonly ended: ReadonlySet<string>;
}

/**
 * Remembers how containers ended: Docker keeps 256 events, so that with health checks or a crash loop it forgets within a minute what a
 * verification has seen.
 */
export const createEndings = (): ((record: Endings, containers: readonly Instance[]) => Endings) => {
	/** The end that was seen, ms by the host's clock, by id. */
	const seen = { stopped: new Map<string, number>(), ended: new Map<string, number>() };
	return (record, containers) => {
		const known = (how: keyof Endings): ReadonlySet<string> => {
			const ids = new Set<string>();
			for (const { id, status, finishedAt = 0 } of containers) {
				if (record[how].has(id)) {
					seen[how].set(id, finishedAt);
				}
				// It may have run again since.
				if (status !== 'running' && seen[how].get(id) === finishedAt) {
					ids.add(id);
				}
			}
			return ids;
		};
		return { stopped: known('stopped'), ended: known('ended') };
	};
};
