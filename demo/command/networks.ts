import type { Engine } from '../docker/engine.ts';
import { formatGo } from '../docker/go-template.ts';
import type { Network, Networks } from '../docker/networks.ts';
import type { Command } from './command.ts';
import { parseFlags, toFilters } from './flags.ts';
import { environmentOf } from './run.ts';
import { listText } from './table.ts';

const rowOf = ({ id, name, labels }: Network, whole: boolean) => ({
	ID: whole ? id : id.slice(0, 12),
	Name: name,
	Driver: ['host', 'none'].includes(name) ? name.replace('none', 'null') : 'bridge',
	Scope: 'local',
	Labels: Object.entries(labels)
		.map(([key, value]) => `${key}=${value}`)
		.join(','),
	Label: (key: unknown) => labels[String(key)] ?? '',
});

/** The commands about networks. */
export const networkCommands = (engine: Engine): Readonly<Record<string, Command>> => {
	const { networks } = engine;
	const containerOf = (reference: string) => {
		const container = engine.find(reference);
		if (container === undefined) {
			throw new Error(`No such container: ${reference}`);
		}
		return container;
	};
	const create: Command = async (args, io) => {
		const flags = parseFlags('docker network create', args, { label: 'list', 'd driver': 'value', internal: 'flag' });
		const [name = ''] = flags.rest;
		if (networks.find(name) !== undefined) {
			throw new Error(`network with name ${name} already exists`);
		}
		io.out(`${networks.create(name, environmentOf(flags.list('label'), io)).id}\n`);
		return 0;
	};
	const connect: Command = async (args) => {
		const flags = parseFlags('docker network connect', args, { alias: 'list' });
		const [network = '', container = ''] = flags.rest;
		networks.connect(network, containerOf(container), flags.list('alias'));
		return 0;
	};
	const disconnect: Command = async (args) => {
		const flags = parseFlags('docker network disconnect', args, { 'f force': 'flag' });
		const [network = '', container = ''] = flags.rest;
		networks.disconnect(network, containerOf(container), flags.has('f'));
		return 0;
	};
	const remove: Command = async (args, io) => {
		for (const name of parseFlags('docker network rm', args, { 'f force': 'flag' }).rest) {
			networks.remove(name);
			io.out(`${name}\n`);
		}
		return 0;
	};
	return {
		'network create': create,
		'network connect': connect,
		'network disconnect': disconnect,
		'network rm': remove,
		'network inspect': inspect(engine),
		'network ls': list(networks),
	};
};

const inspect =
	(engine: Engine): Command =>
	async (args, io) => {
		const flags = parseFlags('docker network inspect', args, { 'f format': 'value' });
		const found = flags.rest.map((name) => engine.networks.find(name)).filter((network) => network !== undefined);
		const shown = found.map((network) => ({
			Name: network.name,
			Id: network.id,
			Scope: 'local',
			Driver: rowOf(network, true).Driver,
			Labels: network.labels,
			Containers: Object.fromEntries(
				engine
					.containers()
					.filter((container) => container.status === 'running' && container.networks.has(network.name))
					.map(({ id, name }) => [id, { Name: name }]),
			),
		}));
		const format = flags.value('f');
		io.out(
			format === undefined
				? `${JSON.stringify(shown, null, 4)}\n`
				: shown.map((one) => `${formatGo(format, one)}\n`).join(''),
		);
		const missing = flags.rest.filter((name) => engine.networks.find(name) === undefined);
		io.error(missing.map((name) => `Error response from daemon: network ${name} not found\n`).join(''));
		return missing.length > 0 ? 1 : 0;
	};

const list =
	(networks: Networks): Command =>
	async (args, io) => {
		const flags = parseFlags('docker network ls', args, {
			'q quiet': 'flag',
			'no-trunc': 'flag',
			'f filter': 'list',
			format: 'value',
		});
		const { name: names, label: labels, ...others } = toFilters(flags.list('f'));
		const [strange] = Object.keys(others);
		if (strange !== undefined) {
			throw new Error(`invalid filter '${strange}': the demo's Docker does not simulate it`);
		}
		const rows = networks
			.all()
			.filter(
				(network) =>
					(names === undefined || names.some((name) => network.name.includes(name.replace(/^\^|\$$/g, '')))) &&
					(labels ?? []).every((label) => {
						const [key = '', value] = label.split('=');
						return key in network.labels && (value === undefined || network.labels[key] === value);
					}),
			)
			.map((network) => rowOf(network, flags.has('no-trunc')));
		io.out(
			flags.has('q')
				? rows.map(({ ID }) => `${ID}\n`).join('')
				: listText(flags.value('format'), '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}', rows),
		);
		return 0;
	};
