import type { EngineShell } from '../../../engine/shell.ts';
import type { RunSummary } from '../../../runbook/run.ts';
import type { Fields } from '../../../runbook/shapes/infer.ts';
import type { keptFields } from '../../../runbook/shapes/restore-point.ts';
import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { listRuns } from '../client/read-runs.ts';
import { isRunId } from '../client/run-id.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { readCommitMarks } from '../known-good/commits.ts';
import { readImageMarks } from '../known-good/images.ts';
import type { Mark, Marks } from '../known-good/registry.ts';
import script from './list-restore-points.sh';

/** A restore point, saved before a run changed anything, and that run. */
export type RestorePoint = Fields<typeof keptFields> & { readonly run: RunSummary };

const keepsOf = (facts: ReadonlyMap<string, string>): readonly string[] => {
	const count = (name: string, one: string, many: string): readonly string[] => {
		const number = Number(facts.get(name)) || 0;
		return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
	};
	const images = [...facts.keys()].filter((name) => name.startsWith('image.')).length;
	const verified = [...facts.keys()].filter((name) => name.startsWith('verified.')).length;
	return [
		...(facts.has('commit') ? ['commit'] : []),
		...(facts.has('local_changes') ? ['local changes'] : []),
		...(images === 0 ? [] : [`${images} ${images === 1 ? 'image' : 'images'}`]),
		...count('files', 'file', 'files'),
		...count('undo', 'step of its own', 'steps of its own'),
		...(facts.has('database_dump') ? ['database'] : []),
		...(verified === 0 ? [] : [`${verified} verified ${verified === 1 ? 'image' : 'images'} of after the run`]),
	];
};

const goneOf = (facts: ReadonlyMap<string, string>): readonly string[] =>
	[...facts.keys()]
		.flatMap((name) => {
			const [, kind, service = ''] = /^gone\.(image|verified)\.(.*)$/.exec(name) ?? [];
			return kind === undefined ? [] : [`${kind === 'image' ? 'image' : 'verified image'} of ${service}`];
		})
		.sort();

/** True when verification has passed on the commit that is kept or, if nothing is known about that, on an image. */
const isGood = (commit: Mark | undefined, facts: ReadonlyMap<string, string>, images: Marks): boolean =>
	commit === undefined
		? [...facts].some(([name, value]) => name.startsWith('image.') && images.get(value) === 'good')
		: commit === 'good';

/** Lists the restore points of a deployment, newest first. Those that were pruned are left out. */
export const listRestorePoints = async (
	host: Host,
	shell: EngineShell,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<readonly RestorePoint[]> => {
	const [runs, commits, images, { stdout }] = await Promise.all([
		listRuns(host, { ...options, limit: 10_000 }, signal),
		readCommitMarks(host, options, signal),
		readImageMarks(host, options, signal),
		runScript(host, script, {
			purpose: 'list the restore points',
			prelude: [locateState, shell.restorePoint.list],
			variables: stateValues(options),
			signal,
			timeoutMs: 60_000,
			maxBytes: 16 * 1024 * 1024,
		}),
	]);
	const all = new Map<string, Map<string, string>>();
	for (const line of stdout.split('\n')) {
		const [id = '', name = '', value = ''] = line.split('\t');
		if (isRunId(id)) {
			const facts = all.get(id) ?? new Map<string, string>();
			all.set(id, facts.set(name, value));
		}
	}
	return runs.flatMap((run) => {
		const facts = all.get(run.id);
		if (facts === undefined) {
			return [];
		}
		const commit = facts.get('commit');
		const branch = facts.get('branch');
		return [
			{
				run,
				...(commit !== undefined && { commit }),
				...(branch !== undefined && { branch }),
				keeps: keepsOf(facts),
				bytes: (Number(facts.get('bytes')) || 0) * 1024,
				gone: goneOf(facts),
				keepsVerified: [...facts.keys()].some((name) => name.startsWith('verified.')),
				knownGood: isGood(commit === undefined ? undefined : commits.get(commit), facts, images),
			},
		];
	});
};
