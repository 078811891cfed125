import type { Compared } from '../compared.ts';
import type { ServiceChange } from '../comparison.ts';
import type { ContainerFacts } from '../container-facts.ts';
import { isBuiltHere } from '../image-names.ts';
import type { ModelService } from '../model.ts';
import { imageOf } from '../reasons.ts';
import { valuesOf } from '../settings.ts';

const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, '');

/** Lists the paths at which a container has an anonymous volume. */
export const anonymousVolumes = (facts: ContainerFacts): readonly string[] =>
	[...valuesOf(facts, 'mount')].filter(([, from]) => from.startsWith('anonymous volume ')).map(([path]) => path);

/**
 * Lists the paths at which the new container of a service gets the anonymous volume of the old one, with its files: where the files or its
 * image want such a volume. An image that is still to be built or pulled is taken to want those of the present one.
 */
const pathsCarriedOver = (
	facts: ContainerFacts,
	service: ModelService,
	then: string | undefined,
	{ images }: Compared,
): readonly string[] => {
	const image = images.find(({ id }) => id === (then ?? facts.image));
	return anonymousVolumes(facts).filter((path) => {
		const mount = service.mounts.find(({ target }) => withoutSlash(target) === path);
		return mount === undefined
			? image?.volumes?.map(withoutSlash).includes(path) === true
			: mount.type === 'volume' && mount.source === undefined;
	});
};

/** Says that a new container of another image has the anonymous volumes of the old one; nothing where there are none. */
export const carriedOverNote = (service: string, paths: readonly string[]): readonly string[] =>
	paths.length === 0
		? []
		: [
				`${service} keeps its anonymous volume at ${[...new Set(paths)].toSorted().join(', ')}: its new container has the files that are in it now, and not those of its other image.`,
			];

/**
 * Notes where a container of another image keeps an anonymous volume: Docker fills one with the files of the image only when it is new, so
 * that an older version may find a newer one's files there.
 */
export const carriedOverNotes = (changes: readonly ServiceChange[], compared: Compared): readonly string[] =>
	changes
		.filter(({ action }) => action === 'recreate')
		.flatMap(({ service: name }) => {
			const service = compared.after.services.find((one) => one.name === name);
			if (service === undefined) {
				return [];
			}
			const builds = compared.rebuilds && isBuiltHere(service, compared.after.services);
			const then = builds ? undefined : imageOf(compared, service.imageName);
			const paths = compared.containers
				.filter((facts) => facts.service === name && facts.image !== then)
				.flatMap((facts) => pathsCarriedOver(facts, service, then, compared));
			return carriedOverNote(name, paths).map(
				(note) =>
					`${note} \`up -d --force-recreate -V ${name}\` begins with the image's, and loses what was written there.`,
			);
		});
