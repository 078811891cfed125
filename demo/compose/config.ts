import { stringify } from 'yaml';
import { parseFlags } from '../command/flags.ts';
import type { CommandIo } from '../docker/types.ts';
import { type Model, sorted } from './model.ts';
import { imageNameOf, type Project } from './project.ts';
import { configHash, type Service } from './service.ts';
import { inOrder } from './up.ts';

/** Returns the complete model, as `docker compose config` has it; `json` is its form with `--format json`. */
export const modelOf = (project: Project, services: readonly Service[], json: boolean): Model => {
	const networks = Object.entries(project.networks).map(([name, network]) => [
		name,
		json ? { ...(network as Model), ipam: {} } : network,
	]);
	const whole = ({ model }: Service) => {
		const deploy = model.deploy === undefined ? {} : { deploy: { ...(model.deploy as Model), placement: {} } };
		return sorted({ command: null, entrypoint: null, ...model, ...deploy }, 'profiles');
	};
	const shown = {
		services: Object.fromEntries(services.map((service) => [service.name, json ? whole(service) : service.model])),
	};
	const shared = networks.length > 0 && { networks: Object.fromEntries(networks) };
	return {
		name: project.name,
		...(json && shared),
		...shown,
		...(!json && shared),
		...(Object.keys(project.volumes).length > 0 && { volumes: project.volumes }),
	};
};

/** Doubles a dollar sign in a value, so that the text can be read as a Compose file again. */
const escaped = (value: unknown): unknown => {
	if (typeof value === 'string') {
		return value.replaceAll('$', '$$$$');
	}
	if (Array.isArray(value)) {
		return value.map(escaped);
	}
	return typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escaped(one)]))
		: value;
};

export const configFlags = {
	'q quiet': 'flag',
	services: 'flag',
	images: 'flag',
	profiles: 'flag',
	volumes: 'flag',
	hash: 'value',
	format: 'value',
	'no-interpolate': 'flag',
	'no-consistency': 'flag',
	'o output': 'value',
} as const;

/** `docker compose config`. */
export const config = async (project: Project, args: readonly string[], io: CommandIo): Promise<number> => {
	const flags = parseFlags('docker compose config', args, configFlags);
	const services =
		flags.rest.length === 0
			? project.services
			: [...inOrder(project, flags.rest, true)].sort((a, b) => (a.name < b.name ? -1 : 1));
	const list = (values: readonly string[]) => io.out(values.map((value) => `${value}\n`).join(''));
	const format = flags.value('format') ?? 'yaml';
	if (flags.value('o') !== undefined || !['yaml', 'json'].includes(format)) {
		throw new Error("the demo's Compose simulates docker compose config with --format yaml and json, without --output");
	}
	if (flags.has('services')) {
		list(services.map(({ name }) => name));
	} else if (flags.has('images')) {
		list(services.map((service) => imageNameOf(project, service)));
	} else if (flags.has('profiles')) {
		list([...new Set(project.all.flatMap(({ profiles }) => profiles))].sort());
	} else if (flags.has('volumes')) {
		list(Object.keys(project.volumes));
	} else if (flags.has('hash')) {
		const wanted = flags.value('hash') ?? '*';
		const hashed = wanted === '*' ? services : inOrder(project, wanted.split(','), false);
		list(hashed.map((service) => `${service.name} ${configHash(service)}`));
	} else if (flags.has('q')) {
		return 0;
	} else {
		const model = escaped(modelOf(project, services, format === 'json'));
		io.out(
			format === 'json'
				? JSON.stringify(model, null, 2)
				: stringify(model, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' }),
		);
	}
	return 0;
};
