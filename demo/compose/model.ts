import { isAbsolute, resolve } from 'node:path';
import { byteCount, goDuration, milliseconds, shellWords } from './words.ts';

/** A part of a Compose model, as `docker compose config --format json` has it. */
export type Model = Readonly<Record<string, unknown>>;

/** Properties of a service that affect its simulation. */
const played = new Set(
	(
		'build image container_name command entrypoint environment env_file restart depends_on volumes ports expose healthcheck ' +
		'stop_grace_period stop_signal labels networks network_mode logging profiles deploy scale pull_policy'
	).split(' '),
);
/** Properties that stay in the model without affecting the simulation. */
const carried = new Set(
	(
		'user working_dir hostname domainname tty stdin_open init read_only extra_hosts mem_limit mem_reservation cpus cpu_shares ' +
		'cap_add cap_drop security_opt shm_size tmpfs platform ulimits sysctls dns group_add pids_limit attach annotations'
	).split(' '),
);

const isModel = (value: unknown): value is Model =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Returns a list, also for a single value. */
export const listOf = (value: unknown): readonly string[] =>
	value === undefined || value === null ? [] : Array.isArray(value) ? value.map(textOf) : [textOf(value)];

/** Parses `NAME=value` in a list, or a map; a name alone has the value null. */
const pairsOf = (value: unknown): Record<string, string | null> =>
	Object.fromEntries(
		Array.isArray(value)
			? value.map((one) => {
					const text = String(one);
					const at = text.indexOf('=');
					return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
				})
			: Object.entries(isModel(value) ? value : {}).map(([key, one]) => [
					key,
					one === null || one === undefined ? null : textOf(one),
				]),
	);

const portOf = (given: unknown): Model => {
	if (isModel(given)) {
		return { mode: 'ingress', protocol: 'tcp', ...given, published: given.published && String(given.published) };
	}
	const text = String(given);
	const [, ip, published, target, protocol = 'tcp'] =
		/^(?:(?:([\d.]+|\[[\da-f:]+\]):)?(\d*):)?(\d+)(?:\/(tcp|udp))?$/.exec(text) ?? [];
	if (target === undefined) {
		throw new Error(`the demo's Compose does not simulate such a port: ${text}`);
	}
	return {
		mode: 'ingress',
		...(ip !== undefined && { host_ip: ip }),
		target: Number(target),
		...(published !== undefined && published !== '' && { published }),
		protocol,
	};
};

const mountOf = (given: unknown, folder: string): Model => {
	if (isModel(given)) {
		const source = given.type === 'bind' ? { source: resolve(folder, String(given.source)) } : {};
		return { ...given, ...source, [String(given.type)]: given[String(given.type)] ?? {} };
	}
	const [first = '', second, options = ''] = String(given).split(':');
	const readOnly = options.split(',').includes('ro') ? { read_only: true } : {};
	if (second === undefined) {
		return { type: 'volume', target: first, volume: {} };
	}
	return /^[.~]/.test(first) || isAbsolute(first)
		? { type: 'bind', source: resolve(folder, first), target: second, ...readOnly, bind: { create_host_path: true } }
		: { type: 'volume', source: first, target: second, ...readOnly, volume: {} };
};

const dependsOf = (value: unknown): Model =>
	Object.fromEntries(
		(isModel(value) ? Object.entries(value) : listOf(value).map((name) => [name, {}] as const)).map(([name, one]) => [
			name,
			{ condition: 'service_started', required: true, ...(isModel(one) ? one : {}) },
		]),
	);

const healthOf = (check: Model): Model => {
	const duration = (key: string) =>
		check[key] === undefined ? {} : { [key]: goDuration(milliseconds(String(check[key]))) };
	const { test: _t, timeout: _o, interval: _i, retries: _r, start_period: _p, start_interval: _s, ...rest } = check;
	return {
		...(check.test !== undefined && {
			test: typeof check.test === 'string' ? ['CMD-SHELL', check.test] : listOf(check.test),
		}),
		...duration('timeout'),
		...duration('interval'),
		...(check.retries !== undefined && { retries: Number(check.retries) }),
		...duration('start_period'),
		...duration('start_interval'),
		...rest,
	};
};

const deployOf = (deploy: Model): Model => {
	const { limits, ...resources } = isModel(deploy.resources) ? deploy.resources : {};
	const memory =
		isModel(limits) && limits.memory !== undefined ? { memory: String(byteCount(String(limits.memory))) } : {};
	const replicas = deploy.replicas === undefined ? {} : { replicas: Number(deploy.replicas) };
	return {
		...deploy,
		...replicas,
		...(deploy.resources !== undefined && {
			resources: { ...(isModel(limits) && { limits: { ...limits, ...memory } }), ...resources },
		}),
	};
};

const buildOf = (build: unknown, folder: string): Model => {
	const given = isModel(build) ? build : { context: build };
	return {
		...given,
		context: resolve(folder, String(given.context ?? '.')),
		dockerfile: given.dockerfile ?? 'Dockerfile',
		...(given.args !== undefined && { args: pairsOf(given.args) }),
	};
};

/**
 * Converts a service of one file into the long form. Throws an Error for anything that Compose does not know, or the demo does not
 * simulate.
 */
export const longForm = (name: string, raw: Model, folder: string): Model => {
	const strange = Object.keys(raw).find((key) => !played.has(key) && !carried.has(key) && !key.startsWith('x-'));
	if (strange !== undefined) {
		throw new Error(`services.${name}.${strange}: the demo's Compose does not simulate it`);
	}
	const forms: Readonly<Record<string, (value: unknown) => unknown>> = {
		build: (value) => buildOf(value, folder),
		command: (value) => (typeof value === 'string' ? shellWords(value) : value === null ? null : listOf(value)),
		entrypoint: (value) => (typeof value === 'string' ? shellWords(value) : value === null ? null : listOf(value)),
		container_name: String,
		depends_on: dependsOf,
		deploy: (value) => deployOf(isModel(value) ? value : {}),
		env_file: listOf,
		environment: pairsOf,
		healthcheck: (value) => healthOf(isModel(value) ? value : {}),
		image: String,
		labels: (value) => Object.fromEntries(Object.entries(pairsOf(value)).map(([key, one]) => [key, one ?? ''])),
		networks: (value) =>
			isModel(value) ? value : Object.fromEntries(listOf(value).map((network) => [network, null] as const)),
		ports: (value) => (Array.isArray(value) ? value.map(portOf) : []),
		restart: String,
		stop_grace_period: (value) => goDuration(milliseconds(String(value))),
		volumes: (value) => (Array.isArray(value) ? value.map((one) => mountOf(one, folder)) : []),
	};
	return Object.fromEntries(
		Object.entries(raw)
			.filter(([, value]) => value !== undefined)
			.map(([key, value]) => [key, forms[key]?.(value) ?? value]),
	);
};

const keyOf = (key: string, one: unknown): string =>
	key === 'volumes' && isModel(one) ? String(one.target) : JSON.stringify(one);

/** Merges two Compose files, the later over the earlier: maps by their keys, lists concatenated, commands replaced. */
export const merge = (below: Model, above: Model): Model => {
	const merged: Record<string, unknown> = { ...below };
	for (const [key, value] of Object.entries(above)) {
		const old = merged[key];
		if (isModel(old) && isModel(value)) {
			merged[key] = merge(old, value);
		} else if (Array.isArray(old) && Array.isArray(value) && !['command', 'entrypoint', 'test'].includes(key)) {
			const byKey = new Map([...old, ...value].map((one) => [keyOf(key, one), one]));
			merged[key] = [...byKey.values()];
		} else {
			merged[key] = value;
		}
	}
	return merged;
};

/** Sorts keys by name, with `first` before all others. */
export const sorted = (model: Model, first?: string): Model => {
	const rank = (key: string) => (key === first ? '' : key);
	return Object.fromEntries(Object.entries(model).sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)));
};
