import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseDotenv } from './dotenv.ts';

/** A service with everything resolved. */
export interface Service {
	readonly name: string;
	/** The folder it is built from. */
	readonly build?: string;
	/** As the file has it. */
	readonly image?: string;
	readonly containerName?: string;
	readonly command?: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	readonly restart: string;
	readonly dependsOn: readonly string[];
	readonly mounts: readonly { readonly type: 'bind' | 'volume'; readonly source: string; readonly target: string }[];
	readonly ports: readonly { readonly host: number; readonly container: number }[];
	readonly healthcheck?: { readonly intervalMs: number; readonly retries: number; readonly test: readonly string[] };
}

export interface Project {
	readonly name: string;
	/** Absolute paths. */
	readonly file: string;
	readonly folder: string;
	readonly services: readonly Service[];
}

const fileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const known = new Set([
	'build',
	'image',
	'container_name',
	'command',
	'environment',
	'env_file',
	'restart',
	'depends_on',
	'volumes',
	'ports',
	'healthcheck',
	'stop_grace_period',
]);

type Raw = Record<string, unknown>;

const interpolate = (value: unknown, env: Readonly<Record<string, string | undefined>>): unknown => {
	if (typeof value === 'string') {
		return value.replace(
			/\$(?:\$|\{(\w+)(?:(:?[-?])([^}]*))?\}|(\w+))/g,
			(whole, braced?: string, operator?: string, other = '', bare?: string) => {
				const name = braced ?? bare;
				if (name === undefined) {
					return whole === '$$' ? '$' : whole;
				}
				const found = env[name];
				const missing = found === undefined || (operator?.startsWith(':') === true && found === '');
				if (missing && operator?.endsWith('?')) {
					throw new Error(`required variable ${name} is missing a value: ${other}`);
				}
				return missing ? (operator === undefined ? '' : other) : found;
			},
		);
	}
	if (Array.isArray(value)) {
		return value.map((one) => interpolate(one, env));
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, interpolate(one, env)]));
	}
	return value;
};

const listOf = (value: unknown): readonly string[] =>
	value === undefined || value === null ? [] : Array.isArray(value) ? value.map(String) : [String(value)];

const milliseconds = (text: string): number => {
	const [, count = '0', unit = 's'] = /^([\d.]+)(ms|s|m)$/.exec(text) ?? [];
	return Number(count) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1000);
};

const pairs = (value: unknown): Record<string, string> =>
	Array.isArray(value)
		? Object.fromEntries(value.map((one) => [String(one).split('=')[0], String(one).split('=').slice(1).join('=')]))
		: Object.fromEntries(Object.entries((value ?? {}) as Raw).map(([key, one]) => [key, String(one ?? '')]));

const port = (text: string) => {
	const [, host, container] = /^(?:127\.0\.0\.1:)?(\d+):(\d+)(?:\/tcp)?$/.exec(text) ?? [];
	if (host === undefined || container === undefined) {
		throw new Error(`the demo's Compose publishes no such port: ${text}`);
	}
	return { host: Number(host), container: Number(container) };
};

const mount = (text: string, folder: string) => {
	const [source = '', target = ''] = text.split(':');
	return source.startsWith('.') || isAbsolute(source)
		? { type: 'bind' as const, source: resolve(folder, source), target }
		: { type: 'volume' as const, source, target };
};

const toService = (name: string, raw: Raw, folder: string): Service => {
	const strange = Object.keys(raw).find((key) => !known.has(key));
	if (strange !== undefined) {
		throw new Error(`services.${name} Additional property ${strange} is not allowed in the demo's Compose`);
	}
	if (raw.build === undefined && raw.image === undefined) {
		throw new Error(`service "${name}" has neither an image nor a build context specified: invalid compose project`);
	}
	const files = listOf(raw.env_file).map((file) => {
		const path = resolve(folder, file);
		if (!existsSync(path)) {
			throw new Error(`env file ${path} not found`);
		}
		return parseDotenv(readFileSync(path, 'utf8'), path);
	});
	const build = typeof raw.build === 'object' && raw.build !== null ? (raw.build as Raw).context : raw.build;
	const check = raw.healthcheck as Raw | undefined;
	return {
		name,
		...(build !== undefined && { build: resolve(folder, String(build)) }),
		...(raw.image !== undefined && { image: String(raw.image) }),
		...(raw.container_name !== undefined && { containerName: String(raw.container_name) }),
		...(raw.command !== undefined && { command: listOf(raw.command) }),
		environment: Object.assign({}, ...files, pairs(raw.environment)),
		restart: String(raw.restart ?? 'no'),
		dependsOn: Array.isArray(raw.depends_on) ? listOf(raw.depends_on) : Object.keys((raw.depends_on ?? {}) as Raw),
		mounts: listOf(raw.volumes).map((text) => mount(text, folder)),
		ports: listOf(raw.ports).map(port),
		...(check !== undefined && {
			healthcheck: {
				intervalMs: milliseconds(String(check.interval ?? '30s')),
				retries: Number(check.retries ?? 3),
				test: listOf(check.test),
			},
		}),
	};
};

/**
 * Reads the Compose file of a folder with its `.env`. Throws an Error in the words of Compose for what does not parse,
 * and for what the demo does not play.
 */
export const loadProject = (
	folder: string,
	env: Readonly<Record<string, string | undefined>>,
	given: { readonly name?: string; readonly file?: string } = {},
): Project => {
	const named = given.file ?? env.COMPOSE_FILE?.split(env.COMPOSE_PATH_SEPARATOR ?? ':')[0];
	const file =
		named === undefined
			? fileNames.map((name) => join(folder, name)).find((path) => existsSync(path))
			: resolve(folder, named);
	if (file === undefined || !existsSync(file)) {
		throw new Error(
			named === undefined ? 'no configuration file provided: not found' : `open ${file}: no such file or directory`,
		);
	}
	const at = resolve(file, '..');
	const dotenv = join(at, '.env');
	const own = existsSync(dotenv) ? parseDotenv(readFileSync(dotenv, 'utf8'), dotenv) : {};
	let raw: unknown;
	try {
		raw = parse(readFileSync(file, 'utf8'));
	} catch (error) {
		throw new Error(`yaml: ${(error as Error).message.split('\n')[0]}`);
	}
	const resolved = interpolate(raw, { ...own, ...env }) as { readonly services?: Record<string, Raw> } | null;
	if (typeof resolved?.services !== 'object') {
		throw new Error('empty compose file');
	}
	const services = Object.entries(resolved.services)
		.map(([name, one]) => toService(name, one ?? {}, at))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	for (const { name, dependsOn } of services) {
		const missing = dependsOn.find((other) => !services.some((service) => service.name === other));
		if (missing !== undefined) {
			throw new Error(`service "${name}" depends on undefined service "${missing}": invalid compose project`);
		}
	}
	const name =
		given.name ??
		env.COMPOSE_PROJECT_NAME ??
		basename(at)
			.toLowerCase()
			.replace(/[^a-z0-9_-]/g, '');
	return { name, file, folder: at, services };
};

/** What Compose names the image of a service. */
export const imageNameOf = (project: Project, { name, image }: Service): string => image ?? `${project.name}-${name}`;

/** A service as `docker compose config` writes it: what of it differs makes another container. */
const canonical = (service: Service) => ({
	...(service.build !== undefined && { build: { context: service.build, dockerfile: 'Dockerfile' } }),
	...(service.command !== undefined && { command: service.command }),
	...(service.containerName !== undefined && { container_name: service.containerName }),
	...(service.dependsOn.length > 0 && { depends_on: service.dependsOn }),
	environment: Object.fromEntries(Object.entries(service.environment).sort()),
	...(service.healthcheck !== undefined && {
		healthcheck: { test: service.healthcheck.test, interval: `${service.healthcheck.intervalMs / 1000}s` },
	}),
	...(service.image !== undefined && { image: service.image }),
	...(service.ports.length > 0 && {
		ports: service.ports.map(({ host, container }) => ({
			mode: 'ingress',
			host_ip: '127.0.0.1',
			target: container,
			published: String(host),
		})),
	}),
	restart: service.restart,
	...(service.mounts.length > 0 && { volumes: service.mounts }),
});

/** `docker compose config`. */
export const configText = (project: Project): string =>
	stringify(
		{
			name: project.name,
			services: Object.fromEntries(project.services.map((service) => [service.name, canonical(service)])),
			networks: { default: { name: `${project.name}_default` } },
		},
		{ lineWidth: 0 },
	);

/** Compose's hash of a service's configuration; where it is built is no part of it. */
export const configHash = (service: Service): string => {
	const { build: _, ...rest } = canonical(service) as Record<string, unknown>;
	return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
};
