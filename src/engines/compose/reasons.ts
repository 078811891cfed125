import type { Compared } from './compared.ts';
import type { ContainerFacts } from './container-facts.ts';
import { isBuiltHere, withTag } from './image-names.ts';
import type { ModelService } from './model.ts';
import { mountedFiles } from './mounted.ts';
import { settingsThatDiffer, sharesNoMore } from './settings.ts';

/** Id of the image that a service's image name stands for now; undefined if there is none on the host. */
const imageOf = ({ images, retagged }: Compared, name: string): string | undefined => {
	if (retagged !== undefined && withTag(retagged.name) === withTag(name)) {
		return retagged.id;
	}
	return images.find(({ id, tags }) => id === name || tags.some((tag) => withTag(tag) === withTag(name)))?.id;
};

const sameSettings = (a: ModelService | undefined, b: ModelService): boolean =>
	a !== undefined && JSON.stringify(withoutBuild(a.raw)) === JSON.stringify(withoutBuild(b.raw));

/** Removes what Compose leaves out of its hash: how an image is built, what a service waits for, the number of containers. */
const withoutBuild = (raw: ModelService['raw']): unknown => {
	const { build: _, depends_on: __, pull_policy: ___, profiles: ____, scale: _____, ...rest } = raw;
	const deploy =
		typeof rest.deploy === 'object' && rest.deploy !== null ? { ...rest.deploy, replicas: undefined } : undefined;
	return {
		...rest,
		deploy:
			deploy === undefined ||
			Object.values(deploy).every((value) => value === undefined || JSON.stringify(value) === '{}')
				? undefined
				: deploy,
	};
};

/** Says that a service has more or fewer containers than its files say. What is stopped counts for those that should be there. */
const otherNumber = ({ replicas }: ModelService, containers: readonly ContainerFacts[]): readonly string[] => {
	const running = containers.filter((facts) => facts.running).length;
	if (running > replicas) {
		return [`${running} ${running === 1 ? 'container runs' : 'containers run'}, then ${replicas}`];
	}
	return containers.length < replicas ? [`${containers.length} of ${replicas} containers exist`] : [];
};

const isBelow = (file: string, folder: string): boolean =>
	file === folder || file.startsWith(`${folder.replace(/\/+$/, '')}/`);

/** Lists why a service's containers would change if Compose created them from the new files. */
export const reasonsOf = (
	service: ModelService,
	containers: readonly ContainerFacts[],
	compared: Compared,
): readonly string[] => {
	const { now, rebuilds, always } = compared;
	const before = now?.services.find(({ name }) => name === service.name);
	const builds = rebuilds && isBuiltHere(service, compared.after.services);
	const image = builds ? undefined : imageOf(compared, service.imageName);
	const other = containers.find((facts) => image !== undefined && facts.image !== image);
	const mounted = changedMounts(service, compared);
	const fits = sameSettings(before, service) && compared.fits.has(service.name);
	const differing = containers.flatMap((facts) => settingsThatDiffer(facts, service, compared));
	return [
		...new Set([
			...(builds ? ['its image is built from the chosen commit'] : []),
			...(other === undefined ? [] : [`image ${short(other.image)}, then ${short(image ?? '')}`]),
			...(image === undefined && !builds && before?.imageName !== service.imageName
				? [`image ${before?.imageName ?? 'unknown'}, then ${service.imageName}`]
				: []),
			...(fits || (differing.length === 0 && (now === undefined || other !== undefined || builds))
				? []
				: differing.length > 0
					? differing
					: ['its settings differ from those it was created with']),
			...(mounted.length === 0
				? []
				: [`it mounts files that change: ${mounted.slice(0, 3).join(', ')}${mounted.length > 3 ? ' …' : ''}`]),
			...(containers.some((facts) => sharesNoMore(facts, service))
				? ['the container whose network it uses is gone']
				: []),
			...otherNumber(service, containers),
			...(always.includes(service.name) ? ['it is always recreated'] : []),
		]),
	];
};

const changedMounts = (service: ModelService, { changedFiles, after }: Compared): readonly string[] =>
	mountedFiles(service, after)
		.flatMap((mounted) => changedFiles.filter((file) => isBelow(file, mounted)))
		.map((file) => file.split('/').at(-1) ?? file);

/**
 * True when the plan's choice changes a service. Without a chosen commit, a service that already differs from the files is left as it
 * is: nobody asked to change it.
 */
export const isAskedFor = (
	service: ModelService,
	containers: readonly ContainerFacts[],
	compared: Compared,
): boolean => {
	const { now, rebuilds, retagged, always } = compared;
	const before = now?.services.find(({ name }) => name === service.name);
	return (
		rebuilds ||
		always.includes(service.name) ||
		(retagged !== undefined &&
			withTag(retagged.name) === withTag(service.imageName) &&
			containers.some(({ image }) => image !== retagged.id)) ||
		!sameSettings(before, service) ||
		before?.replicas !== service.replicas ||
		changedMounts(service, compared).length > 0
	);
};

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
