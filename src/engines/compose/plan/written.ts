import type { PlanChange } from '../../../runbook/plan.ts';
import { quote } from '../../../runbook/shell-quote.ts';
import type { Host } from '../../../services/host/host.ts';
import type { Compared } from '../compared.ts';
import type { ContainerFacts } from '../container-facts.ts';
import type { Deployment } from '../deployment.ts';
import { isWithin } from '../is-within.ts';
import type { ComposeModel } from '../model.ts';
import { mountTargets } from '../mounted.ts';
import { askIfPossible } from './ask-if-possible.ts';
import writtenScript from './written.sh';

/** Time for which a start writes files that the next start writes again, ms. */
const startMs = 15_000;
/** Containers that are asked, and paths that are shown of each: a plan is read, and waits for this. */
const [mostContainers, mostPaths] = [20, 4];

/** The files that were written in one container. */
interface Written {
	/** Topmost folders that were added, and files; sorted. */
	readonly paths: readonly string[];
	/** True when there is more than the host printed. */
	readonly more: boolean;
	/** True when Docker did not say. */
	readonly unknown: boolean;
}

type Container = Pick<ContainerFacts, 'id' | 'name' | 'service' | 'createdAt' | 'facts'>;

/** Returns where a container has something mounted, or copied into it by Compose, as texts of configs are. */
const placesOf = ({ service, facts }: Container, now: ComposeModel | undefined): readonly string[] => {
	const modelled = now?.services.find(({ name }) => name === service);
	return [
		...facts.filter(({ aspect }) => aspect === 'mount').map(({ name }) => name),
		...((modelled !== undefined && now !== undefined && mountTargets(modelled, now)) || []),
	];
};

/** Parses the output of written.sh, by container id. */
const parseWritten = (
	text: string,
	containers: readonly Container[],
	now?: ComposeModel,
): ReadonlyMap<string, Written> => {
	const found = new Map<string, Written>();
	for (const part of text.split(/^(?=[0-9a-f]{64}\t)/m)) {
		const [head = '', ...lines] = part.split('\n').filter((line) => line !== '');
		const [id = '', start = ''] = head.split('\t');
		const container = containers.find((one) => one.id === id);
		if (container === undefined) {
			continue;
		}
		const mounts = placesOf(container, now);
		const starts = [container.createdAt, Date.parse(start)];
		const atStart = (seconds: number) =>
			seconds > 0 && starts.some((at) => seconds * 1000 > at - 2000 && seconds * 1000 < at + startMs);
		const paths = lines
			.map((line) => line.split('\t') as [string, string?, string?])
			// Docker makes the places of mounts, and the folders above them.
			.filter(([, path]) => path !== undefined && !mounts.some((at) => isWithin(path, at) || isWithin(at, path)))
			.filter(([, , time]) => !atStart(Number(time ?? 0)))
			.map(([, path = '']) => path)
			.toSorted();
		found.set(id, { paths, more: lines.includes('+'), unknown: lines.includes('?') });
	}
	return found;
};

/** Returns a word of a command that a person may copy. */
const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : quote(text));

/** Puts what is in one folder together: `/app/uploads (3 files)`. */
const inShort = (paths: readonly string[]): readonly string[] => {
	const folders = new Map<string, string[]>();
	for (const path of paths) {
		const folder = path.slice(0, path.lastIndexOf('/'));
		folders.set(folder, [...(folders.get(folder) ?? []), path]);
	}
	return [...folders]
		.flatMap(([folder, all]) => (all.length === 1 || folder === '' ? all : [`${folder} (${all.length} files)`]))
		.toSorted();
};

/** Says for each container that is made anew what was written in it, which the new one does not have. */
export const writtenNotes = (
	text: string | undefined,
	containers: readonly Container[],
	left: number,
	now?: ComposeModel,
): readonly string[] => {
	const found = parseWritten(text ?? '', containers, now);
	const unknown = containers.filter(({ id }) => found.get(id)?.unknown !== false).map(({ name }) => name);
	return [
		...containers.flatMap(({ id, name }) => {
			const { paths = [], more = false } = found.get(id) ?? {};
			const all = inShort(paths);
			const rest = all.length > mostPaths || more ? ', and more' : '';
			const [first = ''] = paths;
			return all.length === 0
				? []
				: [
						`${name} is made anew, and neither the new container nor an undo has what was written in it outside of volumes: ${all.slice(0, mostPaths).join(', ')}${rest}. To keep it, copy it first: docker cp ${word(`${name}:${first}`)} .`,
					];
		}),
		...(unknown.length === 0
			? []
			: [
					`Whether something was written in ${unknown.join(', ')} outside of volumes, which a new container does not have, is not known: Docker did not say in time.`,
				]),
		...(left === 0 ? [] : [`What was written outside of volumes in ${left} more containers was not looked at.`]),
	];
};

/** Asks the host what was written in the containers that a plan makes anew. Rejects only with the signal's reason. */
export const readWritten = async (
	host: Host,
	deployment: Deployment,
	{ containers, now }: Pick<Compared, 'containers' | 'now'>,
	changes: readonly PlanChange[],
	signal: AbortSignal | undefined,
): Promise<readonly string[]> => {
	const anew = containers.filter(({ service }) =>
		changes.some((change) => change.service === service && change.action === 'recreate'),
	);
	if (anew.length === 0) {
		return [];
	}
	const asked = anew.slice(0, mostContainers);
	const said = await askIfPossible(host, deployment, `written_in ${asked.map(({ id }) => id).join(' ')}`, {
		functions: writtenScript,
		purpose: 'say what was written in containers',
		timeoutMs: 30_000,
		signal,
	});
	return writtenNotes(said, asked, anew.length - asked.length, now);
};
