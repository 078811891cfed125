import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDotenv } from './dotenv.ts';
import type { OnUnset, Variables } from './interpolate.ts';
import { listOf, type Model, sorted } from './model.ts';
import { milliseconds } from './words.ts';

/** A service with everything resolved. */
export interface Service {
	readonly name: string;
	/** The output of `docker compose config`. */
	readonly model: Model;
	/** The folder it is built from. */
	readonly build?: string;
	readonly dockerfile: string;
	/** As the file has it. */
	readonly image?: string;
	readonly containerName?: string;
	readonly entrypoint?: readonly string[];
	readonly command?: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	readonly labels: Readonly<Record<string, string>>;
	readonly restart: string;
	readonly dependsOn: readonly { readonly service: string; readonly condition: string; readonly restart: boolean }[];
	readonly mounts: readonly {
		readonly type: 'bind' | 'volume';
		readonly source: string;
		readonly target: string;
		readonly readOnly: boolean;
	}[];
	readonly ports: readonly { readonly ip?: string; readonly host: number; readonly container: number }[];
	readonly healthcheck?: { readonly intervalMs: number; readonly retries: number; readonly test: readonly string[] };
	readonly networkMode?: string;
	readonly networks: readonly string[];
	readonly profiles: readonly string[];
	readonly replicas: number;
	readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
}

const maps = (value: unknown): Readonly<Record<string, Model>> => (value ?? {}) as Readonly<Record<string, Model>>;
const texts = (value: unknown): Readonly<Record<string, string>> => (value ?? {}) as Readonly<Record<string, string>>;

/** Returns the environment: from its files, then its own; a name without a value takes the caller's. */
const environmentOf = (model: Model, folder: string, variables: Variables, onUnset: OnUnset): Model => {
	const files = listOf(model.env_file).map((file) => {
		const path = resolve(folder, file);
		if (!existsSync(path)) {
			throw new Error(`env file ${path} not found: stat ${path}: no such file or directory`);
		}
		return parseDotenv(readFileSync(path, 'utf8'), path, variables, onUnset);
	});
	const own = Object.entries(texts(model.environment) as Readonly<Record<string, string | null>>);
	return Object.assign(
		{},
		...files,
		Object.fromEntries(own.map(([name, value]) => [name, value ?? variables[name] ?? null])),
	);
};

const healthcheckOf = (model: Model): Service['healthcheck'] => {
	const check = maps(model).healthcheck;
	return check === undefined || check.disable === true
		? undefined
		: {
				intervalMs: milliseconds(String(check.interval ?? '30s')),
				retries: Number(check.retries ?? 3),
				test: listOf(check.test),
			};
};

/**
 * Builds a service from its merged parts. Throws an Error in the words of Compose for missing parts.
 *
 * @param project the name for the default network
 */
export const toService = (
	name: string,
	parts: Model,
	folder: string,
	variables: Variables,
	onUnset: OnUnset,
): Service => {
	if (parts.build === undefined && parts.image === undefined) {
		throw new Error(`service "${name}" has neither an image nor a build context specified: invalid compose project`);
	}
	const { env_file: _, ...rest } = parts;
	const environment = environmentOf(parts, folder, variables, onUnset);
	const networks = parts.network_mode === undefined ? (parts.networks ?? { default: null }) : parts.networks;
	const model = sorted(
		{
			...rest,
			...(Object.keys(environment).length > 0 && { environment: sorted(environment) }),
			...(networks !== undefined && { networks }),
			...(parts.depends_on !== undefined && { depends_on: sorted(parts.depends_on as Model) }),
		},
		'profiles',
	);
	const build = maps(model).build;
	const health = healthcheckOf(model);
	const deploy = maps(model).deploy;
	return {
		name,
		model,
		...(build !== undefined && { build: String(build.context) }),
		dockerfile: String(build?.dockerfile ?? 'Dockerfile'),
		...(model.image !== undefined && { image: String(model.image) }),
		...(model.container_name !== undefined && { containerName: String(model.container_name) }),
		...(Array.isArray(model.entrypoint) && { entrypoint: listOf(model.entrypoint) }),
		...(Array.isArray(model.command) && { command: listOf(model.command) }),
		environment: Object.fromEntries(
			Object.entries(environment)
				.filter(([, value]) => value !== null)
				.map(([key, value]) => [key, String(value)]),
		),
		labels: texts(model.labels),
		restart: String(model.restart ?? 'no'),
		dependsOn: Object.entries(maps(model.depends_on)).map(([service, { condition, restart }]) => ({
			service,
			condition: String(condition),
			restart: restart === true,
		})),
		mounts: ((model.volumes ?? []) as readonly Model[]).map((mount) => ({
			type: mount.type === 'bind' ? 'bind' : 'volume',
			source: String(mount.source ?? ''),
			target: String(mount.target),
			readOnly: mount.read_only === true,
		})),
		ports: ((model.ports ?? []) as readonly Model[]).map((port) => ({
			...(port.host_ip !== undefined && { ip: String(port.host_ip) }),
			host: Number(port.published ?? 0),
			container: Number(port.target),
		})),
		...(health !== undefined && { healthcheck: health }),
		...(model.network_mode !== undefined && { networkMode: String(model.network_mode) }),
		networks: Object.keys(maps(networks)),
		profiles: listOf(model.profiles),
		replicas: Number(model.scale ?? deploy?.replicas ?? 1),
		...(model.logging !== undefined && {
			logging: {
				driver: String(maps(model).logging?.driver ?? 'json-file'),
				options: texts(maps(model).logging?.options),
			},
		}),
	};
};

/** Returns Compose's hash of the settings that need another container; how it is built, and what it waits for, are not included. */
export const configHash = ({ model }: Service): string => {
	const { build: _b, depends_on: _d, profiles: _p, pull_policy: _q, scale: _s, deploy, ...rest } = model;
	const { replicas: _r, ...placed } = (deploy ?? {}) as Model;
	const hashed = { ...rest, ...(deploy !== undefined && { deploy: placed }) };
	return createHash('sha256').update(JSON.stringify(hashed)).digest('hex');
};
