import type { Compared } from './compared.ts';
import type { ContainerFacts } from './container-facts.ts';
import { isBuiltHere, withTag } from './image-names.ts';
import { isWithin } from './is-within.ts';
import type { ModelService } from './model.ts';
import { mountedFiles, mountSources, mountTargets } from './mounted.ts';
import { redefinedNetworks } from './redefined.ts';
import { networkTrouble, settingsThatDiffer, sharesNoMore, volumesInWords } from './settings.ts';

/** Id of the image that a service's image name stands for now; undefined if there is none on the host. */
export const imageOf = ({ images, retagged }: Compared, name: string): string | undefined => {
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
	const texts = changedTexts(service, compared);
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
			...containers.flatMap((facts) => volumesInWords(facts, service, compared.after)),
			...(mounted.length === 0 ? [] : [`it mounts files that change: ${shortList(mounted)}`]),
			...containers.flatMap((facts) => replacedMounts(facts, service, compared)),
			...(texts.length === 0 ? [] : [`it has configs or secrets that change: ${shortList(texts)}`]),
			...(containers.some((facts) => sharesNoMore(facts, service))
				? ['the container whose network it uses is gone']
				: []),
			...containers.flatMap((facts) => networkTrouble(facts, service, compared.after)),
			...remadeNetworks(service, compared).map(
				(name) => `its network ${name} is defined otherwise, and Compose makes it anew`,
			),
			...otherNumber(service, containers),
			...(always.includes(service.name) ? ['it is always recreated'] : []),
		]),
	];
};

/** True when the same mounts of a service are other volumes in the new files: their names are not in the service. */
const hasOtherVolumes = (before: ModelService | undefined, service: ModelService, { now, after }: Compared): boolean =>
	before !== undefined &&
	now !== undefined &&
	JSON.stringify([...mountSources(before, now)]) !== JSON.stringify([...mountSources(service, after)]);

/** Lists the networks of a service that Compose makes anew, with every container that uses them. */
const remadeNetworks = (service: ModelService, { now, after, remakesNetworks }: Compared): readonly string[] =>
	remakesNetworks === true
		? redefinedNetworks(now, after)
				.filter(({ key }) => service.networks.includes(key))
				.map(({ name }) => name)
		: [];

const nameOf = (file: string): string => file.split('/').at(-1) ?? file;

/** Lists files that a container has as they were when it started: another one has their name since, and nothing brings back the old one. */
const replacedMounts = (
	facts: ContainerFacts,
	service: ModelService,
	{ replaced, after }: Compared,
): readonly string[] => {
	const targets = mountTargets(service, after);
	return [...replaced]
		.map((line) => line.split('\t') as [string, string])
		.filter(([id, target]) => id === facts.id && targets?.has(target) !== false)
		.map(
			([, target]) =>
				`it still has an older ${nameOf(target)} than there is on the host: that was replaced while it ran, and the undo does not bring the old one back`,
		);
};

/**
 * Lists the changed files that a service mounts. A container keeps the file that a link led to when it was created. A link, and a submodule,
 * change as one: what is mounted from below them may be another file then.
 */
const changedMounts = (service: ModelService, { changedFiles, links, after }: Compared): readonly string[] =>
	[
		...new Set(
			mountedFiles(service, after)
				.flatMap((mounted) => [mounted, links.get(mounted) ?? mounted])
				.flatMap((mounted) => changedFiles.filter((file) => isWithin(file, mounted) || isWithin(mounted, file))),
		),
	].map(nameOf);

/**
 * Lists the configs and secrets of a service that are others in the new files: another file, another text, or a text from a variable that may
 * change. Compose leaves this out of its hash.
 */
const changedTexts = (service: ModelService, { now, after, changedFiles, envFiles }: Compared): readonly string[] => {
	const variablesChange = changedFiles.some((file) => envFiles.includes(file));
	const changed = (kind: 'configs' | 'secrets') =>
		after[kind]
			.filter(({ key }) => service[kind].includes(key))
			.filter(({ key, definition, variable }) => {
				const before = now?.[kind].find((one) => one.key === key);
				return (
					(variable !== undefined && variablesChange) || (before !== undefined && before.definition !== definition)
				);
			})
			.map(({ key }) => key);
	return [...changed('configs'), ...changed('secrets')];
};

const shortList = (names: readonly string[]): string =>
	`${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`;

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
		hasOtherVolumes(before, service, compared) ||
		changedMounts(service, compared).length > 0 ||
		remadeNetworks(service, compared).length > 0 ||
		changedTexts(service, compared).length > 0
	);
};

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
