import movingTagsScript from './moving-tags.sh';

/** Returns an image name as Docker completes it: with the tag `latest`, without default registry names. */
export const withTag = (name: string): string => {
	const bare = name.replace(/^docker\.io\//, '').replace(/^library\//, '');
	return /@sha256:/.test(bare) || /:[^/]+$/.test(bare) ? bare : `${bare}:latest`;
};

/** Tags that are given to one image after another, from the list in moving-tags.sh. */
export const movingTags: ReadonlySet<string> = new Set(
	/^moving_tags='([a-z ]+)'$/m.exec(movingTagsScript)?.[1]?.split(' '),
);

/** Whether a name stands for one image today and for another tomorrow: no tag, or one like `latest`. */
export const isMoving = (name: string): boolean => {
	const [, tag] = /:([^/:]+)$/.exec(withTag(name)) ?? [];
	return !/@sha256:/.test(name) && tag !== undefined && movingTags.has(tag);
};

interface Named {
	readonly imageName: string;
	readonly replicas: number;
	readonly build?: unknown;
}

/** Whether a service's image is built from the deployment's files: by itself, or under the same name by another that runs. */
export const isBuiltHere = ({ imageName }: Named, services: readonly Named[]): boolean =>
	services.some(
		({ build, replicas, imageName: name }) =>
			build !== undefined && replicas > 0 && withTag(name) === withTag(imageName),
	);
