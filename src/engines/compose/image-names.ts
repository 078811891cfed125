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
	readonly build?: unknown;
}

/** True when a service's image is built from the deployment's files: by the service, or by another one that runs under the same name. */
export const isBuiltHere = ({ imageName }: Named, services: readonly Named[]): boolean =>
	services.some(
		({ build, replicas, imageName: name }) =>
			build !== undefined && replicas > 0 && withTag(name) === withTag(imageName),
	);
