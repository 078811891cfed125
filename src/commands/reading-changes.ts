import { type ReadingEntry, type ReadingsNow, titledEntries } from '../application/watching/readings-now.ts';
import type { CommitReading, ContainerReading } from '../runbook/reading.ts';

/** One thing that is watched, in words that differ only when it is another state. */
interface Watched {
	readonly words: string;
	/** Why; it changes more often than the state, and alone makes no line. */
	readonly why?: string;
}

/** What became of one thing between two readings. */
export interface ReadingChange {
	readonly title: string;
	/** Undefined: it was not there. */
	readonly before?: string;
	/** Undefined: it is not there any more. */
	readonly after?: string;
	readonly why?: string;
}

const ofContainer = ({ status, health, restarts, exitCode }: ContainerReading): Watched => ({
	words: [
		status === 'running' ? (health ?? status) : status,
		...(restarts === 0 ? [] : [`restart ${restarts}`]),
		...(status === 'exited' && exitCode !== undefined ? [`exit code ${exitCode}`] : []),
	].join(', '),
});

const ofEntry = ({ state, stale, reason }: ReadingEntry, value?: string): Watched => ({
	words: [...(value === undefined ? [state] : [value]), ...(stale ? ['stale'] : [])].join(', '),
	...(state !== 'ok' && reason !== undefined && { why: reason }),
});

const watched = (now: ReadingsNow): ReadonlyMap<string, Watched> => {
	const found = new Map<string, Watched>([['link', { words: now.link.status }]]);
	const services = (now.containers.value ?? []).map(({ service }) => service);
	for (const container of now.containers.value ?? []) {
		const { service, name } = container;
		const isOne = services.filter((one) => one === service).length === 1;
		found.set(isOne ? service : name, ofContainer(container));
	}
	for (const { title, entry } of titledEntries(now)) {
		// The containers have been said one by one.
		if (entry !== now.containers) {
			const commit = entry === now.commit ? (entry.value as CommitReading | undefined)?.hash.slice(0, 7) : undefined;
			found.set(title, ofEntry(entry, entry.state === 'ok' ? commit : undefined));
		}
	}
	if (now.containers.value === undefined || now.containers.stale) {
		found.set('containers', ofEntry(now.containers));
	}
	for (const { title, state, reason } of now.checks ?? []) {
		found.set(`check ${title}`, { words: state, ...(state !== 'passed' && { why: reason }) });
	}
	if (now.suggestion !== undefined) {
		found.set('suggested', { words: now.suggestion.procedure, why: now.suggestion.why });
	}
	return found;
};

/** What has become another state between two readings of all; figures that only moved are left out. */
export const readingChanges = (before: ReadingsNow, after: ReadingsNow): readonly ReadingChange[] => {
	const [old, now] = [watched(before), watched(after)];
	return [...new Set([...now.keys(), ...old.keys()])].flatMap((title): ReadingChange[] => {
		const [was, is] = [old.get(title), now.get(title)];
		return was?.words === is?.words
			? []
			: [
					{
						title,
						...(was !== undefined && { before: was.words }),
						...(is !== undefined && { after: is.words }),
						...(is?.why !== undefined && { why: is.why }),
					},
				];
	});
};
