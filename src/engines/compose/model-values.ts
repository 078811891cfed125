/** A dependency that Compose waits for before it starts a service. */
export interface Dependency {
	readonly service: string;
	/** `service_started`, `service_healthy`, `service_completed_successfully`. */
	readonly condition: string;
	/** False when the project is valid without that service. */
	readonly required: boolean;
	/** True when Compose restarts the service after that one has changed: for example, if they share a namespace. */
	readonly restart: boolean;
}

export interface ModelMount {
	/** One of `bind`, `volume`, `tmpfs`, `npipe`, `cluster`. */
	readonly type: string;
	/** For `bind` an absolute path; for `volume` the key in the model's volumes, missing for an anonymous one. */
	readonly source?: string;
	/** The path in the container. */
	readonly target: string;
	readonly readOnly: boolean;
}

export interface ModelPort {
	/** The port in the container. */
	readonly target: number;
	/** The port on the host, or a range `9000-9010`; missing when Docker chooses one. */
	readonly published?: string;
	/** One of `tcp`, `udp`, `sctp`. */
	readonly protocol: string;
	readonly hostIp?: string;
}

/** An object from JSON text, with unchecked values. */
export type Values = Readonly<Record<string, unknown>>;

/** @returns the object, or an empty one for anything else. */
export const asRecord = (value: unknown): Values =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};

/** @returns the text, or a number or boolean as text; undefined for an empty text and anything else. */
export const asText = (value: unknown): string | undefined => {
	if (typeof value === 'string') {
		return value === '' ? undefined : value;
	}
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
};

/** @returns the number, also if it is written as text */
export const asNumber = (value: unknown): number | undefined => {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};

export const asBoolean = (value: unknown): boolean => value === true || value === 'true';

/** Returns the items of a list; none of what is no list. */
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Returns the strings of a list, without its other elements. */
export const listOf = (value: unknown): readonly string[] =>
	itemsOf(value).flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []));

/** Returns a command: a list of words, empty ones too, or one text. Undefined if there is none. */
export const wordsOf = (value: unknown): readonly string[] | undefined => {
	if (typeof value === 'string') {
		return [value];
	}
	return Array.isArray(value) ? value.map(String) : undefined;
};

/** Returns names of networks, configs and secrets: the keys of an object, or a list of names or of objects with a `source`. */
export const namesOf = (value: unknown): readonly string[] =>
	Array.isArray(value)
		? value.flatMap((one) => (typeof one === 'string' ? [one] : (asText(asRecord(one).source) ?? [])))
		: Object.keys(asRecord(value));

/** Parses `{ A: "1", B: null }`, or `["A=1", "B"]` as older releases print it. */
export const environmentOf = (value: unknown): Readonly<Record<string, string | null>> => {
	if (Array.isArray(value)) {
		return Object.fromEntries(
			listOf(value).map((one) => {
				const at = one.indexOf('=');
				return at < 0 ? [one, null] : [one.slice(0, at), one.slice(at + 1)];
			}),
		);
	}
	return Object.fromEntries(
		Object.entries(asRecord(value)).map(([name, one]) => [
			name,
			one === null || one === undefined ? null : typeof one === 'object' ? JSON.stringify(one) : String(one),
		]),
	);
};

export const dependenciesOf = (value: unknown): readonly Dependency[] => {
	if (Array.isArray(value)) {
		return listOf(value).map((service) => ({ service, condition: 'service_started', required: true, restart: false }));
	}
	return Object.entries(asRecord(value)).map(([service, one]) => {
		const { condition, required, restart } = asRecord(one);
		return {
			service,
			condition: asText(condition) ?? 'service_started',
			required: required !== false,
			restart: asBoolean(restart),
		};
	});
};

export const mountsOf = (value: unknown): readonly ModelMount[] =>
	itemsOf(value).map((one) => {
		const { type, source, target, read_only } = asRecord(one);
		return {
			type: asText(type) ?? 'volume',
			source: asText(source),
			target: asText(target) ?? '',
			readOnly: asBoolean(read_only),
		};
	});

export const portsOf = (value: unknown): readonly ModelPort[] =>
	itemsOf(value).map((one) => {
		const { target, published, protocol, host_ip } = asRecord(one);
		return {
			target: asNumber(target) ?? 0,
			published: asText(published),
			protocol: asText(protocol) ?? 'tcp',
			hostIp: asText(host_ip),
		};
	});
