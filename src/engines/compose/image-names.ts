import { isWithin } from './is-within.ts';

/** Returns an image name as Docker completes it: with the tag `latest`, without default registry names. */
export const withTag = (name: string): string => {
	const bare = name.replace(/^docker\.io\//, '').replace(/^library\//, '');
	return /@sha256:/.test(bare) || /:[^/]+$/.test(bare) ? bare : `${bare}:latest`;
};

/**
 * True for a tag that is given to one image after another: it has no number in it (`latest`, `release`, `nightly`, `alpine`), or `latest` as a
 * part (`latest-pg16`). moving-tags.sh has the same rule.
 */
const isMovingTag = (tag: string): boolean => !/[0-9]/.test(tag) || /(^|[-_.])latest($|[-_.])/.test(tag);

/** True when a name may stand for another image tomorrow: it has no tag, or one like `latest`. */
export const isMoving = (name: string): boolean => {
	const [, tag] = /:([^/:]+)$/.exec(withTag(name)) ?? [];
	return !/@sha256:/.test(name) && tag !== undefined && isMovingTag(tag);
};

interface Named {
	readonly imageName: string;
	readonly replicas: number;
	readonly build?: { readonly context: string };
}

/** True when a service's image is built from the deployment's files: by the service, or by another one that runs under the same name. */
export const isBuiltHere = (service: Named, services: readonly Named[]): boolean =>
	contextsOf(service, services).length > 0;

const contextsOf = ({ imageName }: Named, services: readonly Named[]): readonly string[] =>
	services.flatMap(({ build, replicas, imageName: name }) =>
		build !== undefined && replicas > 0 && withTag(name) === withTag(imageName) ? [build.context] : [],
	);

/** True for a build context that Docker fetches: a repository, or an archive (compose-go, `isRemoteContext`). */
const isRemote = (context: string): boolean => /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/.test(context);

/**
 * True for a fetched build context whose content may be another one tomorrow: a branch (`…/web.git#main`), the default one, an archive. A
 * commit, a tag that is said to be one, and a whole version (`v1.2.0`) are fixed; `2.x` may be a branch.
 */
const isMovingContext = (context: string): boolean => {
	const [url = '', fragment = ''] = context.split('#');
	const archive = /\/([^/?]+)\.(?:tar|tgz|zip)[^/?]*(?:\?|$)/.exec(url)?.[1];
	const [ref = ''] = (fragment || (/[?&](?:ref|branch)=([^&]*)/.exec(url)?.[1] ?? archive ?? '')).split(':');
	return !/[?&](?:tag|commit|checksum)=/.test(url) && !/^[0-9a-f]{7,64}$|^refs\/tags\/|\d+\.\d+\.\d+/.test(ref);
};

/** The folders that a plan builds from. */
export interface BuildFolders {
	/** The top of the work tree. */
	readonly top: string;
	/** Folders in it that the files name by their absolute path: a build has them as they are, and not as of the commit. */
	readonly inPlace: ReadonlySet<string>;
}

/** Lists the folders of the work tree that the files of a commit name by their absolute path. @param services as Compose prints those of its tree */
export const contextsInPlace = (services: readonly Pick<Named, 'build'>[], top: string): ReadonlySet<string> =>
	new Set(
		services.flatMap(({ build }) => (build !== undefined && isWithin(build.context, top) ? [build.context] : [])),
	);

/**
 * Lists the contexts of a service's image that do not go with the deployment's commits: what is fetched and moves, folders outside of the
 * repository, and those that are read in place.
 */
export const contextsBeside = (
	service: Named,
	services: readonly Named[],
	{ top, inPlace }: BuildFolders,
): readonly string[] =>
	contextsOf(service, services).filter((context) =>
		isRemote(context)
			? isMovingContext(context)
			: context.startsWith('/') && (!isWithin(context, top) || inPlace.has(context)),
	);
