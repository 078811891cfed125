import type { ComposeModel, ModelResource } from './model.ts';

const differing = (now: readonly ModelResource[], after: readonly ModelResource[]): readonly ModelResource[] =>
	after.filter(({ name, definition, external }) => {
		const before = now.find((one) => one.name === name);
		return before !== undefined && !external && !before.external && before.definition !== definition;
	});

/**
 * True for a release of Compose that makes a network anew when its definition has changed (docker/compose pull 12267, in 2.31).
 *
 * @param release as `docker compose version --short` prints it; undefined: not known
 */
export const makesNetworksAnew = (release: string | undefined): boolean => {
	const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(release ?? '') ?? [];
	return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 31);
};

/** Lists the networks of the new files that those of now define otherwise. */
export const redefinedNetworks = (now: ComposeModel | undefined, after: ComposeModel): readonly ModelResource[] =>
	now === undefined ? [] : differing(now.networks, after.networks);

/**
 * Says which networks and volumes the new files define otherwise, and what becomes of those that are there. No release removes a volume without
 * being asked.
 */
export const redefinedNotes = (
	now: ComposeModel | undefined,
	after: ComposeModel,
	remakesNetworks = false,
): readonly string[] => [
	...redefinedNetworks(now, after).map(({ name }) =>
		remakesNetworks
			? `The network ${name} is defined otherwise in the new files. Compose makes it anew, and every container that uses it.`
			: `The network ${name} is defined otherwise in the new files. This release of Compose keeps it as it is: to change it, remove it while nothing uses it (\`docker network rm ${name}\`), and start the services again.`,
	),
	...differing(now?.volumes ?? [], after.volumes).map(
		({ name }) =>
			`The volume ${name} is defined otherwise in the new files. Compose keeps it as it is, with its data, unless somebody removes it.`,
	),
];
