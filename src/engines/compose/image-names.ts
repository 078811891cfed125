import movingTagsScript from './moving-tags.sh';

/** Returns an image name as Docker completes it: with the tag `latest`, without default registry names. */
export const withTag = (name: string): string => {
	const bare = name.replace(/^docker\.io\//, '').replace(/^library\//, '');
	return /@sha256:/.test(bare) || /:[^/]+$/.test(bare) ? bare : `${bare}:latest`;
};

/** Tags that are given to one image after another; the list is in moving-tags.sh. */
export const movingTags: ReadonlySet<string> = new Set(
	/^moving_tags='([a-z ]+)'$/m.exec(movingTagsScript)?.[1]?.split(' '),
);

/** True when a name may stand for another image tomorrow: it has no tag, or one like `latest`. */
export const isMoving = (name: string): boolean => {
	const [, tag] = /:([^/:]+)$/.exec(withTag(name)) ?? [];
	return !/@sha256:/.test(name) && tag !== undefined && movingTags.has(tag);
};

interface Named {
	readonly imageName: string;
	readonly replicas: number;
	readonly build?: unknown;
}

/** True when a service's image is built from the deployment's files: by the service, or by another one that runs under the same name. */
export const isBuiltHere = ({ imageName }: Named, services: readonly Named[]): boolean =>
	services.some(
		({ build, replicas, imageName: name }) =>
			build !== undefined && replicas > 0 && withTag(name) === withTag(imageName),
	);
