import { asRecord, asText, itemsOf } from './model-values.ts';

/** The network of a held container, which does not exist (hold.sh). */
export const heldNetwork = 'held-by-backout';

export type ServiceOf = (container: string) => string | undefined;

/** Resolves `container:ID`, the namespace of another container, whose id changes when it is recreated. */
export const namespace = (mode: string, serviceOf: ServiceOf): string => {
	const [, id] = /^container:(.+)$/.exec(mode) ?? [];
	return id === undefined ? mode : `service:${serviceOf(id) ?? id}`;
};

export const networkFacts = (mode: string, networks: unknown, serviceOf: ServiceOf) =>
	/^(none|host|bridge|default)$|^container:/.test(mode)
		? [{ aspect: 'network mode' as const, name: '', value: namespace(mode, serviceOf) }]
		: Object.entries(asRecord(networks)).map(([name, value]) => ({
				aspect: 'network' as const,
				name,
				value: addressOf(asRecord(value).IPAMConfig),
			}));

/** Returns the addresses that somebody has given a container in a network: most have one that Docker chose. */
const addressOf = (given: unknown): string => {
	const { IPv4Address, IPv6Address } = asRecord(given);
	return [IPv4Address, IPv6Address].flatMap((one) => asText(one) ?? []).join(' ');
};

/**
 * Lists the names of a container in its networks besides those that Docker and Compose give it by themselves: its short id (Docker up to 25),
 * its service, and the names that Compose gives a container (container-facts.sh knows the same).
 */
export const aliasFacts = (networks: unknown, own: { readonly id: string; readonly names: readonly string[] }) =>
	Object.entries(asRecord(networks)).flatMap(([network, value]) =>
		itemsOf(asRecord(value).Aliases)
			.flatMap((alias) => asText(alias) ?? [])
			.filter((alias) => network !== heldNetwork && alias !== own.id.slice(0, 12) && !own.names.includes(alias))
			.map((alias) => ({ aspect: 'alias' as const, name: `${network}/${alias}`, value: '' })),
	);

/** Lists the networks in which others do not find a container by the name of its service, as far as the engine says by which they do. */
export const namelessIn = (networks: unknown, service: string): readonly string[] =>
	Object.entries(asRecord(networks))
		.filter(([, value]) => {
			const { Aliases } = asRecord(value);
			return Aliases !== undefined && !itemsOf(Aliases).includes(service);
		})
		.map(([name]) => name);
