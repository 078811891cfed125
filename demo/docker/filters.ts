import { withTag } from './images.ts';
import type { Container, Image } from './types.ts';

/** Filters as `--filter NAME=VALUE` and the API's `filters` give them: all names must match, with one value of each. */
export type Filters = Readonly<Record<string, readonly string[]>>;

const hasLabel = (labels: Readonly<Record<string, string>>, wanted: string): boolean => {
	const at = wanted.indexOf('=');
	return at < 0 ? wanted in labels : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
};

const unknown = (name: string): never => {
	throw new Error(`invalid filter '${name}': the demo's Docker does not simulate it`);
};

/** Matches a name against a regular expression, like Docker, which puts a slash before names. */
const hasName = (name: string, pattern: string): boolean => {
	const found = new RegExp(pattern);
	return found.test(name) || found.test(`/${name}`);
};

/** Matches a container; of labels all must match, as in Docker. */
export const fitsContainer = (container: Container, filters: Filters): boolean =>
	Object.entries(filters).every(([name, values]) => {
		switch (name) {
			case 'label':
				return values.every((value) => hasLabel(container.labels, value));
			case 'name':
				return values.some((value) => hasName(container.name, value));
			case 'status':
				return values.includes(container.status);
			case 'id':
				return values.some((value) => container.id.startsWith(value));
			case 'exited':
				return container.status === 'exited' && values.includes(String(container.exitCode));
			case 'health':
				return values.includes(container.health ?? 'none');
			case 'ancestor':
				return values.some(
					(value) =>
						container.image.id.replace('sha256:', '').startsWith(value.replace('sha256:', '')) ||
						container.image.tags.has(withTag(value)),
				);
			case 'network':
				return values.some((value) => container.networks.has(value));
			case 'volume':
				return values.some((value) =>
					container.mounts.some(({ source, target }) => source === value || target === value),
				);
			default:
				return unknown(name);
		}
	});

export const fitsImage = (image: Image, filters: Filters): boolean =>
	Object.entries(filters).every(([name, values]) => {
		switch (name) {
			case 'label':
				return values.every((value) => hasLabel(image.labels, value));
			case 'dangling':
				return values.every((value) => (value === 'true') === (image.tags.size === 0));
			case 'reference':
				return [...image.tags].some((tag) => values.some((value) => fitsReference(tag, value)));
			default:
				return unknown(name);
		}
	});

/** Matches `reference=backout/*`: path.Match of the name without or with its tag. */
export const fitsReference = (tag: string, pattern: string): boolean => {
	const escaped = pattern
		.replace(/[.+^${}()|[\]\\]/g, '\\$&')
		.replaceAll('*', '[^/]*')
		.replaceAll('?', '[^/]');
	return new RegExp(`^${escaped}(:[^/]*)?$`).test(tag);
};

const containerFilters = ['label', 'name', 'status', 'id', 'ancestor', 'container', 'image'];

/**
 * Returns a test for events: by type, action, scope, and the filters of containers. Throws at once for a filter that is not simulated.
 */
export const eventFilter = (filters: Filters): ((container: Container, action: string) => boolean) => {
	const { type, event, scope, container: ids, image, ...others } = filters;
	const strange = Object.keys(others).find((name) => !containerFilters.includes(name));
	if (strange !== undefined) {
		unknown(strange);
	}
	return (container, action) =>
		(type === undefined || type.includes('container')) &&
		// Events of a swarm have another scope.
		(scope === undefined || scope.includes('local')) &&
		(event === undefined || event.includes(action.split(':')[0] ?? '') || event.includes(action)) &&
		(ids === undefined || ids.some((id) => container.id.startsWith(id) || container.name === id)) &&
		(image === undefined || image.includes(container.imageName)) &&
		fitsContainer(container, others);
};
