import type { PlanChange } from './plan.ts';

const verbs: Readonly<Record<PlanChange['action'], string>> = {
	recreate: 'recreated',
	create: 'created',
	stop: 'stopped, its container is kept',
	keep: 'not touched',
};

const mostReasons = 4;

/** What becomes of a service, and why: `web`, `recreated`, `image 1a2b, then 3c4d; variable MODE changes`. */
export const changeInWords = ({
	action,
	staysStopped,
	why,
}: PlanChange): { readonly what: string; readonly why: string } => ({
	what: `${verbs[action]}${staysStopped === true && action !== 'keep' ? ', stays stopped' : ''}`,
	why: [...why.slice(0, mostReasons), ...(why.length > mostReasons ? [`${why.length - mostReasons} more`] : [])].join(
		'; ',
	),
});

/** The changes worth reading: what is touched first, and then, in one line of its caller's, what is not. */
export const sortedChanges = (changes: readonly PlanChange[]): readonly PlanChange[] => {
	const rank: Readonly<Record<PlanChange['action'], number>> = { recreate: 0, create: 1, stop: 2, keep: 3 };
	return changes.toSorted((a, b) => rank[a.action] - rank[b.action]);
};
