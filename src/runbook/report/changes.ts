import { type CapturedContainer, type CapturedReadings, capturedAt } from '../captured-readings.ts';
import type { Run } from '../run.ts';
import type { Report } from './report.ts';

type Change = Report['changes'][number];

const commitLabel = (observed: CapturedReadings | undefined): string | undefined =>
	observed?.commit === undefined ? undefined : `${observed.commit.hash} ${observed.commit.subject}`;

const commitChanges = (
	run: Run,
	before: CapturedReadings | undefined,
	after: CapturedReadings | undefined,
): Change[] => {
	const { commit, branch, local_changes: kept } = run.facts;
	const from = commitLabel(before) ?? commit;
	// The plan's intention counts only if nobody has verified it and every step was done.
	const meant = run.state === 'succeeded' ? (run.facts.deployed_commit ?? run.plan.expects?.commit) : undefined;
	const to = commitLabel(after) ?? meant;
	return [
		...(from !== undefined && to !== undefined && from.slice(0, 40) !== to.slice(0, 40)
			? [{ kind: 'commit' as const, what: branch === undefined ? 'commit' : `commit (was on ${branch})`, from, to }]
			: []),
		...(kept === undefined
			? []
			: [{ kind: 'file' as const, what: 'local changes to tracked files were kept', from: kept }]),
	];
};

const imageLabel = ({ image, imageId }: CapturedContainer): string =>
	`${image} ${imageId.replace(/^sha256:/, '').slice(0, 12)}`;

const containerChanges = (before: CapturedReadings | undefined, after: CapturedReadings | undefined): Change[] => {
	if (before?.containers === undefined || after?.containers === undefined) {
		return [];
	}
	const was = new Map(before.containers.map((container) => [container.name, container]));
	const is = new Map(after.containers.map((container) => [container.name, container]));
	return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((name): Change[] => {
		const [old, now] = [was.get(name), is.get(name)];
		if (old === undefined || now === undefined) {
			const { service, status } = (now ?? old) as CapturedContainer;
			return [
				{
					kind: 'container',
					what: `${service} (${name}) ${old === undefined ? 'was created' : 'is gone'}`,
					...(old === undefined ? { to: status } : { from: status }),
				},
			];
		}
		return [
			...(old.imageId === now.imageId
				? []
				: [{ kind: 'image' as const, what: now.service, from: imageLabel(old), to: imageLabel(now) }]),
			...(old.id === now.id
				? []
				: [
						{
							kind: 'container' as const,
							what: `${now.service} (${name}) was recreated`,
							from: `${old.id.slice(0, 12)} ${old.status}`,
							to: `${now.id.slice(0, 12)} ${now.status}`,
						},
					]),
			...(old.id !== now.id || old.status === now.status
				? []
				: [{ kind: 'container' as const, what: `${now.service} (${name})`, from: old.status, to: now.status }]),
		];
	});
};

/** Facts that are elsewhere in the report, or say nothing about changes. */
const otherwiseTold =
	/^(?:commit|branch|local_changes|restore_point|deployed_commit|image\..*|wrote\..*|cannot_be_undone)$/;

const factChanges = (run: Run): Change[] =>
	Object.entries(run.facts)
		.filter(([name]) => !otherwiseTold.test(name))
		.map(([name, value]) => ({
			kind: /^database|^backup$|_dump$/.test(name) ? 'database' : /file|copy|env/.test(name) ? 'file' : 'note',
			what: name.replaceAll('_', ' '),
			to: value,
		}));

const fileInputs = (run: Run): Change[] =>
	run.state === 'succeeded'
		? run.plan.inputs
				.filter(({ name }) => name === 'file')
				.map(({ title, value }) => ({ kind: 'file' as const, what: title, to: value }))
		: [];

/** Lists a run's changes: from the readings before and after it, and from its steps' facts. */
export const changesOf = (run: Run): readonly Change[] => {
	const before = capturedAt(run.readings, 'before');
	const after = capturedAt(run.readings, 'after');
	return [
		...commitChanges(run, before, after),
		...containerChanges(before, after),
		...fileInputs(run),
		...factChanges(run),
	];
};
