import type { Host } from '../../../services/host/host.ts';
import { runScript } from '../../../services/host/run-script.ts';
import { sections } from '../../../services/runner/client/read-runs.ts';
import { gitAsOwner } from '../../../services/runner/host/git-as-owner.ts';
import groundChanged from '../../docker/ground-changed.sh';
import type { Compared, ImageFacts } from '../compared.ts';
import { allContainerFacts } from '../container-facts.ts';
import { type Deployment, deploymentEnvironment, deploymentFunctions } from '../deployment.ts';
import factsScript from '../facts.sh';
import givenByLoginScript from '../given-by-login.sh';
import groundScript from '../ground.sh';
import { contextsInPlace } from '../image-names.ts';
import { type ComposeModel, parseModel } from '../model.ts';
import mountsOnHostScript from '../mounts-on-host.sh';
import { makesNetworksAnew } from '../redefined.ts';
import treeScript from '../tree.sh';

/** The future state of a deployment's files: those of a commit, one file replaced, or no change. */
export type Becomes =
	| { readonly kind: 'same' }
	| { readonly kind: 'commit'; readonly commit: string }
	/** Another version of an image: its name replaces the old one where the deployment keeps it (version.sh). */
	| { readonly kind: 'version'; readonly image: string }
	/** A file that replaces another, in the form that config-source.sh reads: `env:/absolute/file`, or `file:COMMIT:path`. */
	| { readonly kind: 'file'; readonly source: string };

/** What is deployed, and the future files, for one comparison. */
export interface PlanFacts {
	/** The facts that the plan rests on, a line per fact, sorted (ground.sh). */
	readonly ground: string;
	/** The input of the comparison, without what the procedure adds. */
	readonly compared: Pick<
		Compared,
		| 'containers'
		| 'images'
		| 'histories'
		| 'now'
		| 'fits'
		| 'unset'
		| 'marked'
		| 'given'
		| 'changedFiles'
		| 'links'
		| 'real'
		| 'absent'
		| 'replaced'
		| 'emptied'
		| 'envFiles'
		| 'remakesNetworks'
	>;
	/** Undefined when Compose cannot read the new files. */
	readonly after?: ComposeModel;
	/** The reason for that: one line, without values. */
	readonly unreadable?: string;
	/** For a version: the file that contains it, and the lines that change, in the form that version.sh reads. */
	readonly version?: { readonly file: string; readonly lines: readonly string[] };
	/** The name that Compose would give the project at the commit, if its files name it otherwise than now. */
	readonly otherName?: string;
	/** The Compose files that Compose finds at the commit, relative to the folder, if these are others than now. */
	readonly otherFiles: readonly string[];
	/** The networks and volumes of the host, as `network NAME` and `volume NAME`; missing if Docker did not say, or no file needs them. */
	readonly resources?: ReadonlySet<string>;
	/**
	 * Containers and other projects beside the deployment, a line each: `once NAME SERVICE` of docker compose run, `project NAME` of the same folder, `neighbour NAME PATH` and
	 * `mounted NAME PATH` of the same repository.
	 */
	readonly beside: readonly string[];
	/** The top of the work tree; empty without git. */
	readonly top: string;
	/** Folders in the work tree that the files of the commit name by their absolute path: builds have them as they are now. */
	readonly inPlace: ReadonlySet<string>;
}

interface RawImage {
	readonly Id?: string;
	readonly RepoTags?: readonly string[] | null;
	readonly Config?: {
		readonly Env?: readonly string[] | null;
		readonly Volumes?: Readonly<Record<string, unknown>> | null;
	} | null;
}

const imagesOf = (json: string): readonly ImageFacts[] => {
	try {
		const all: unknown = JSON.parse(json);
		return (Array.isArray(all) ? (all as readonly RawImage[]) : []).map(({ Id = '', RepoTags, Config }) => ({
			id: Id,
			tags: RepoTags ?? [],
			environment: Config?.Env ?? [],
			volumes: Object.keys(Config?.Volumes ?? {}),
		}));
	} catch {
		return [];
	}
};

/** Reads the instructions that images were built by, by image id. */
const historiesOf = (text: string): Compared['histories'] => {
	const all = new Map<string, string[]>();
	for (const line of linesOf(text)) {
		const [id = '', json = ''] = line.split('\t');
		try {
			all.set(id, [...(all.get(id) ?? []), String(JSON.parse(json))]);
		} catch {
			// Of a history that is read in part, nothing is known.
			return new Map();
		}
	}
	return all;
};

const linesOf = (text = ''): readonly string[] => text.split('\n').filter((line) => line !== '');

/** Replaces paths in the tree made for the comparison by those in the deployment's folder. @param root what they begin with there */
const atHome = (json: string, root: string | undefined): string =>
	root === undefined ? json : json.replaceAll(`${JSON.stringify(root).slice(1, -1)}/`, '/');

const readModel = (json: string | undefined, images: string | undefined): ComposeModel | undefined => {
	try {
		return json === undefined ? undefined : parseModel(json, linesOf(images));
	} catch {
		return undefined;
	}
};

/** Parses the output of facts.sh. */
const parsePlanFacts = (bytes: Buffer, deployment: Deployment, kind: Becomes['kind']): PlanFacts => {
	const found = sections(bytes);
	const part = kind === 'same' ? 'now' : 'then';
	const marked = found.get(`${part}.marked`);
	const given = found.get(`${part}.given`);
	const [top = '', root] = linesOf(found.get('moved'));
	const images = found.get(`${part}.images`);
	const now = readModel(found.get('now'), found.get('now.images'));
	const inTree = kind === 'commit' && top !== '' ? readModel(found.get('then'), images) : undefined;
	const after = kind === 'same' ? now : readModel(atHome(found.get('then') ?? '', root), images);
	const [otherName] = linesOf(found.get('name'));
	const [versionFile, ...versionLines] = linesOf(found.get('version'));
	const resources = found.get('resources');
	const mountsOf = (what: 'replaced' | 'emptied') =>
		new Set(
			linesOf(found.get('replaced')).flatMap((line) =>
				line.startsWith(`${what}\t`) ? [line.slice(what.length + 1)] : [],
			),
		);
	const base = kind === 'commit' ? top : deployment.directory;
	return {
		ground: (found.get('ground') ?? '').trimEnd(),
		compared: {
			containers: allContainerFacts(found.get('containers') ?? '[]'),
			images: imagesOf(found.get('images') ?? '[]'),
			histories: historiesOf(found.get('histories') ?? ''),
			now,
			fits: new Set(linesOf(found.get('fits'))),
			unset: linesOf(found.get(`${part}.unset`)),
			...(marked !== undefined && { marked: readModel(atHome(marked, root), images) }),
			...(given !== undefined && {
				given: {
					model: readModel(atHome(given, root), images),
					marks: new Map(linesOf(found.get(`${part}.taken`)).map((line) => line.split('=') as [string, string])),
				},
			}),
			changedFiles: linesOf(found.get('files')).map((path) => `${base}/${path}`),
			links: new Map(linesOf(found.get('links')).map((line) => line.split('\t') as [string, string])),
			real: new Map(linesOf(found.get('real')).map((line) => line.split('\t') as [string, string])),
			absent: new Set(linesOf(found.get('absent'))),
			replaced: mountsOf('replaced'),
			emptied: mountsOf('emptied'),
			remakesNetworks: makesNetworksAnew(linesOf(found.get('release'))[0]),
			envFiles: deployment.envFiles.length > 0 ? deployment.envFiles : [`${deployment.directory}/.env`],
		},
		...(after !== undefined && { after }),
		...(after === undefined && {
			unreadable:
				linesOf(found.get('then.unreadable')).at(-1) ??
				linesOf(found.get('now.unreadable')).at(-1) ??
				'Compose did not say why',
		}),
		...(versionFile !== undefined && { version: { file: versionFile, lines: versionLines } }),
		...(otherName !== undefined && { otherName }),
		...(resources !== undefined && { resources: new Set(linesOf(resources)) }),
		otherFiles: linesOf(found.get('other')),
		beside: linesOf(found.get('beside')),
		top,
		inPlace: inTree === undefined ? new Set() : contextsInPlace(inTree.services, top),
	};
};

const prelude = [
	gitAsOwner,
	deploymentFunctions,
	mountsOnHostScript,
	givenByLoginScript,
	treeScript,
	groundChanged,
	groundScript,
	factsScript,
	'enter_folder || exit 111',
];

export interface PlanFactsOptions {
	readonly becomes: Becomes;
	/** An image that a name will stand for: its facts are read too. */
	readonly image?: string;
	/** A file that the plan uses, absolute: part of the ground. */
	readonly groundFile?: string;
	/** Environment for git: see `scriptEnvironment`. */
	readonly environment: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal;
}

/** Asks the host for everything that a comparison needs. Throws `unreachable`, and `failed` if the host cannot say. */
export const readPlanFacts = async (
	host: Host,
	deployment: Deployment,
	{ becomes, image = '', groundFile = '', environment, signal }: PlanFactsOptions,
): Promise<PlanFacts> => {
	const { bytes } = await runScript(host, 'print_facts', {
		purpose: 'say what is deployed',
		prelude,
		environment: {
			...environment,
			...deploymentEnvironment(deployment),
			becomes: becomes.kind,
			becomes_commit: becomes.kind === 'commit' ? becomes.commit : '',
			becomes_name: becomes.kind === 'version' ? becomes.image : '',
			source: becomes.kind === 'file' ? becomes.source : '',
			becomes_image: image,
			ground_file: groundFile,
		},
		signal,
		timeoutMs: 120_000,
		maxBytes: 32 * 1024 * 1024,
	});
	return parsePlanFacts(bytes, deployment, becomes.kind);
};
