import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { parseDotenv } from './dotenv.ts';
import { interpolate, type OnUnset, type Variables } from './interpolate.ts';
import { longForm, type Model, merge, sorted } from './model.ts';
import { type Service, toService } from './service.ts';

export interface Project {
	readonly name: string;
	/** The project directory; absolute, like all other paths here. */
	readonly folder: string;
	readonly files: readonly string[];
	/** Files named with --env-file. */
	readonly envFiles: readonly string[];
	/** Services in use: those without a profile, and those of the profiles in use. */
	readonly services: readonly Service[];
	/** All services of the files. */
	readonly all: readonly Service[];
	readonly networks: Model;
	readonly volumes: Model;
}

/** Options of Compose before its command. */
export interface ProjectOptions {
	readonly name?: string;
	readonly files?: readonly string[];
	readonly envFiles?: readonly string[];
	readonly profiles?: readonly string[];
	readonly directory?: string;
	readonly interpolates?: boolean;
	readonly onUnset?: OnUnset;
}

const fileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = fileNames.map((name) => name.replace(/\.ya?ml$/, '.override$&'));
const topLevel = new Set(['version', 'name', 'services', 'networks', 'volumes']);

/**
 * Finds the file that Compose uses by default, in a folder or above it, with its override. Throws an Error if there is none, unless it
 * is `optional`.
 */
const findFiles = (folder: string, optional = false): readonly string[] => {
	for (let at = folder; ; at = dirname(at)) {
		const [file] = fileNames.map((name) => join(at, name)).filter(existsSync);
		if (file !== undefined) {
			const [override] = overrideNames.map((name) => join(at, name)).filter(existsSync);
			return override === undefined ? [file] : [file, override];
		}
		if (at === dirname(at) && optional) {
			return [];
		}
		if (at === dirname(at)) {
			throw new Error('no configuration file provided: not found');
		}
	}
};

const readYaml = (file: string): Model => {
	if (!existsSync(file)) {
		throw new Error(`open ${file}: no such file or directory`);
	}
	try {
		return (parse(readFileSync(file, 'utf8'), { merge: true }) ?? {}) as Model;
	} catch (error) {
		throw new Error(`yaml: ${(error as Error).message.split('\n')[0]}`);
	}
};

const lines = (text: string | undefined, separator: string): readonly string[] =>
	(text ?? '').split(separator).filter((one) => one !== '');

interface Surroundings {
	readonly folder: string;
	readonly files: readonly string[];
	readonly envFiles: readonly string[];
	readonly variables: Variables;
}

/** Finds the files, and the variables that apply: the caller's, then those of the env files, the last one first. */
const surroundingsOf = (cwd: string, env: Variables, options: ProjectOptions, onUnset: OnUnset): Surroundings => {
	const read = (file: string, known: Variables): Record<string, string> =>
		parseDotenv(readFileSync(file, 'utf8'), file, known, onUnset);
	const named = (options.envFiles?.length ? options.envFiles : lines(env.COMPOSE_ENV_FILES, ',')).map((file) =>
		resolve(cwd, file),
	);
	const missing = named.find((file) => !existsSync(file));
	if (missing !== undefined) {
		throw new Error(`Couldn't find env file: ${missing}`);
	}
	const directory = options.directory === undefined ? undefined : resolve(cwd, options.directory);
	const given = options.files?.length ? options.files : lines(env.COMPOSE_FILE, env.COMPOSE_PATH_SEPARATOR ?? ':');
	const first = given.length > 0 ? resolve(cwd, given[0] ?? '') : undefined;
	const beside = directory ?? dirname(first ?? findFiles(cwd, true)[0] ?? join(cwd, '.env'));
	const dotenv = join(beside, '.env');
	const own: Record<string, string> = {};
	const disabled = ['1', 'true'].includes(env.COMPOSE_DISABLE_ENV_FILE ?? '');
	for (const file of named.length > 0 ? named : existsSync(dotenv) && !disabled ? [dotenv] : []) {
		Object.assign(own, read(file, { ...own, ...env }));
	}
	const variables = { ...own, ...env };
	const said = given.length > 0 ? given : lines(variables.COMPOSE_FILE, variables.COMPOSE_PATH_SEPARATOR ?? ':');
	const files = said.length > 0 ? said.map((file) => resolve(cwd, file)) : findFiles(directory ?? cwd);
	const folder = directory ?? dirname(files[0] ?? cwd);
	return { folder: existsSync(folder) ? realpathSync(folder) : folder, files, envFiles: named, variables };
};

const checkDependencies = (services: readonly Service[]) => {
	for (const { name, dependsOn } of services) {
		const missing = dependsOn.find(({ service }) => !services.some((other) => other.name === service));
		if (missing !== undefined) {
			throw new Error(`service "${name}" depends on undefined service "${missing.service}": invalid compose project`);
		}
	}
};

/** Returns networks and volumes with their names on the host. */
const namedAll = (project: string, given: unknown): Model =>
	sorted(
		Object.fromEntries(
			Object.entries((given ?? {}) as Readonly<Record<string, Model | null>>).map(([name, one]) => [
				name,
				{ name: one?.external === true ? name : `${project}_${name}`, ...one },
			]),
		),
	);

/**
 * Reads a project as Compose does. Throws an Error in the words of Compose for invalid files, and for anything that the demo does not
 * simulate.
 *
 * @param cwd the folder for relative paths, where Compose begins to look for its files
 * @param env the environment of the caller
 */
export const loadProject = (cwd: string, env: Variables, options: ProjectOptions = {}): Project => {
	const { onUnset = () => {} } = options;
	const { folder, files, envFiles, variables } = surroundingsOf(cwd, env, options, onUnset);
	let merged: Record<string, unknown> = {};
	for (const file of files) {
		const raw = readYaml(file);
		const strange = Object.keys(raw).find((key) => !topLevel.has(key) && !key.startsWith('x-'));
		if (strange !== undefined) {
			throw new Error(`${file}: the demo's Compose does not simulate ${strange}`);
		}
		const { services = {}, ...rest } = (
			options.interpolates === false ? raw : interpolate(raw, variables, onUnset)
		) as { readonly services?: Readonly<Record<string, Model | null>> };
		const long = Object.entries(services ?? {}).map(
			([name, one]) => [name, longForm(name, one ?? {}, folder)] as const,
		);
		merged = { ...merge(merged, { ...rest, services: Object.fromEntries(long) }) };
	}
	if (merged.services === undefined || files.length === 0) {
		throw new Error('empty compose file');
	}
	const name =
		options.name ??
		variables.COMPOSE_PROJECT_NAME ??
		(merged.name as string | undefined) ??
		basename(folder)
			.toLowerCase()
			.replace(/[^a-z0-9_-]/g, '');
	const all = Object.entries(merged.services as Readonly<Record<string, Model>>)
		.map(([service, parts]) => toService(service, parts, folder, variables, onUnset))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const profiles = options.profiles?.length ? options.profiles : lines(variables.COMPOSE_PROFILES, ',');
	const services = all.filter(
		(service) =>
			service.profiles.length === 0 || service.profiles.some((one) => profiles.includes(one) || profiles.includes('*')),
	);
	checkDependencies(services);
	const used = new Set(services.flatMap((service) => service.networks));
	const networks = all.some((service) => service.networks.includes('default'))
		? { default: null, ...(merged.networks as Model) }
		: merged.networks;
	return {
		name,
		folder,
		files,
		envFiles,
		services,
		all,
		networks: namedAll(
			name,
			Object.fromEntries(Object.entries(networks ?? {}).filter(([network]) => used.has(network))),
		),
		volumes: namedAll(name, merged.volumes),
	};
};

/** Returns Compose's name for the image of a service. */
export const imageNameOf = (project: Pick<Project, 'name'>, { name, image }: Service): string =>
	image ?? `${project.name}-${name}`;
