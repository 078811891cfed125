import type { PlanChange, Precondition } from '../../../runbook/plan.ts';
import type { Host } from '../../../services/host/host.ts';
import type { ContainerFacts } from '../container-facts.ts';
import type { Deployment } from '../deployment.ts';
import type { ComposeModel } from '../model.ts';
import { valuesOf } from '../settings.ts';
import { askIfPossible } from './ask-if-possible.ts';
import portsInUse from './ports-in-use.sh';

/** A port of the host that a service publishes afterwards. */
interface NeededPort {
	readonly service: string;
	/** `tcp/8080`. */
	readonly port: string;
	/** Missing: on all addresses. */
	readonly address?: string;
}

const isAll = (address: string | undefined): boolean => address === undefined || ['', '0.0.0.0'].includes(address);

/** Lists the containers of a plan that make room: those that are replaced or stopped. */
const givingWay = (changes: readonly PlanChange[], containers: readonly ContainerFacts[]): readonly ContainerFacts[] =>
	containers.filter(({ service }) =>
		changes.some((change) => change.service === service && ['recreate', 'stop'].includes(change.action)),
	);

/** Returns the ports of the host that a running container has, as `tcp/8080`. */
const portsOf = (facts: ContainerFacts): readonly string[] =>
	facts.running
		? [...valuesOf(facts, 'port')].flatMap(([name, value]) =>
				value.split(', ').map((one) => `${name.split('/')[1] ?? 'tcp'}/${one.replace(/^.*:/, '')}`),
			)
		: [];

/** Lists the ports that a plan needs, and that no container which makes room for it has now. Of a range Docker takes one that is free. */
export const neededPorts = (
	changes: readonly PlanChange[],
	containers: readonly ContainerFacts[],
	after: ComposeModel,
): readonly NeededPort[] => {
	const had = new Set(givingWay(changes, containers).flatMap(portsOf));
	const started = changes.filter(
		({ action, staysStopped }) => (action === 'recreate' || action === 'create') && staysStopped !== true,
	);
	return after.services
		.filter(({ name, replicas }) => replicas > 0 && started.some(({ service }) => service === name))
		.flatMap(({ name, ports }) =>
			ports
				.filter(({ published = '', protocol }) => /^[1-9][0-9]*$/.test(published) && /^(tcp|udp)$/.test(protocol))
				.map(({ published, protocol, hostIp }) => ({
					service: name,
					port: `${protocol}/${published}`,
					...(!isAll(hostIp) && { address: hostIp }),
				})),
		)
		.filter(({ port }) => !had.has(port));
};

interface Holder {
	readonly port: string;
	readonly address: string;
	readonly words: string;
	/** Id of its container; empty for a process of the host, and where that is not known. */
	readonly container: string;
	readonly isKnown: boolean;
}

/** Reads the output of ports-in-use.sh; containers come first. */
const parseHolders = (text: string): readonly Holder[] => {
	const lines = text.split('\n').map((line) => line.split('\t'));
	const names = new Map<string, string>();
	const containers = lines.flatMap(([kind = '', name = '', project = '', ports = '']): readonly Holder[] => {
		if (!kind.startsWith('container ')) {
			return [];
		}
		const container = kind.slice('container '.length);
		const words = `the container ${name}${project === '' ? '' : ` of the project ${project}`}`;
		names.set(container, words);
		return ports.split(', ').flatMap((one): readonly Holder[] => {
			const [, address = '', first, last = first, protocol] = /^(.*):(\d+)(?:-(\d+))?->.*\/(\w+)$/.exec(one) ?? [];
			return Array.from({ length: Number(last) - Number(first) + 1 || 0 }, (_, n) => ({
				port: `${protocol}/${Number(first) + n}`,
				address: address.replace(/^\[|\]$/g, ''),
				words,
				container,
				isKnown: true,
			}));
		});
	});
	const sockets = lines.flatMap(
		([kind = '', address = '', process = '', name = '', container = '']): readonly Holder[] => {
			if (!kind.startsWith('socket ')) {
				return [];
			}
			const port = kind.slice('socket '.length);
			const [protocol = '', number] = port.split('/');
			const unknown = `a process that only root may see (ss -l${protocol.charAt(0)}np 'sport = :${number}' shows it)`;
			const words =
				names.get(container) ?? (process === '' ? unknown : `${name || 'the process'} (process ${process})`);
			return [{ port, address, words, container, isKnown: process !== '' }];
		},
	);
	return [...containers, ...sockets];
};

const collides = ({ port, address }: NeededPort, holder: Holder): boolean =>
	port === holder.port &&
	(address === undefined || address === holder.address || (holder.address === '0.0.0.0' && !address.includes(':')));

/**
 * The precondition that fails if somebody else has a port that a plan needs: Docker finds that only when it starts the new container, and
 * the old one is gone by then. None if all are free, or if that cannot be known.
 *
 * @param text the output of ports-in-use.sh
 */
export const heldPorts = (
	needed: readonly NeededPort[],
	text: string,
	changes: readonly PlanChange[],
	containers: readonly ContainerFacts[],
): readonly Precondition[] => {
	const leaving = givingWay(changes, containers);
	// A process of the host's network may be one of theirs.
	const mayBeOurs = leaving.some((facts) => valuesOf(facts, 'network mode').get('') === 'host');
	const holders = parseHolders(text)
		.filter(({ container }) => !leaving.some(({ id }) => id === container))
		.filter(({ isKnown }) => isKnown || !mayBeOurs);
	const held = needed.flatMap((one) => {
		const holder = holders.find((other) => collides(one, other));
		const [protocol, number] = one.port.split('/');
		return holder === undefined
			? []
			: [`port ${number}/${protocol}, which ${one.service} needs then, is taken by ${holder.words}`];
	});
	return held.length === 0
		? []
		: [
				{
					id: 'ports',
					title: 'The ports that it needs are free',
					state: 'failed',
					detail: `${[...new Set(held)].join('; ')}. Free ${held.length === 1 ? 'it' : 'them'}, or choose another version`,
				},
			];
};

/** Asks the host whether somebody has the ports that a plan needs anew. Rejects only with the signal's reason. */
export const readHeldPorts = async (
	host: Host,
	deployment: Deployment,
	containers: readonly ContainerFacts[],
	after: ComposeModel | undefined,
	changes: readonly PlanChange[],
	signal: AbortSignal | undefined,
): Promise<readonly Precondition[]> => {
	const needed = after === undefined ? [] : neededPorts(changes, containers, after);
	if (needed.length === 0) {
		return [];
	}
	const ports = [...new Set(needed.map(({ port }) => port))].join(' ');
	const said = await askIfPossible(host, deployment, `ports_in_use ${ports}`, {
		functions: portsInUse,
		purpose: 'say who has ports of the host',
		timeoutMs: 15_000,
		signal,
	});
	return said === undefined ? [] : heldPorts(needed, said, changes, containers);
};
