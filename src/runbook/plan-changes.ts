import type { PlanChange } from './plan.ts';

const verbs: Readonly<Record<PlanChange['action'], string>> = {
	recreate: 'recreated',
	create: 'created',
	restart: 'restarted',
	stop: 'stopped, its container is kept',
	keep: 'not touched',
};

const mostReasons = 4;

/** Describes the change of a service, with reasons: `web`, `recreated`, `image 1a2b, then 3c4d; variable MODE changes`. */
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

/** Sorts services: those that change, then those that do not but deserve a mention; and the names of the rest. */
export const sortedChanges = (
	changes: readonly PlanChange[],
): { readonly told: readonly PlanChange[]; readonly untouched: readonly string[] } => {
	const rank: Readonly<Record<PlanChange['action'], number>> = {
		recreate: 0,
		create: 1,
		restart: 2,
		stop: 3,
		keep: 4,
	};
	const isTold = ({ action, why }: PlanChange) => action !== 'keep' || why.length > 0;
	return {
		told: changes.filter(isTold).toSorted((a, b) => rank[a.action] - rank[b.action]),
		untouched: changes.filter((change) => !isTold(change)).map(({ service }) => service),
	};
};
