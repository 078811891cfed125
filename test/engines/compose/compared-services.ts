import type { Compared } from '../../../src/engines/compose/compared.ts';
import { compare } from '../../../src/engines/compose/comparison.ts';
import { type ContainerFacts, containerFacts } from '../../../src/engines/compose/container-facts.ts';
import { type ComposeModel, parseModel } from '../../../src/engines/compose/model.ts';

export const [oldImage, newImage, other] = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`) as [
	string,
	string,
	string,
];

/** A model of Compose with these services. */
export const model = (services: Readonly<Record<string, unknown>>): ComposeModel =>
	parseModel(JSON.stringify({ name: 'shop', services }));

interface Made {
	readonly image?: string;
	readonly env?: readonly string[];
	readonly mounts?: readonly { Type: string; Name?: string; Source?: string; Destination: string; RW?: boolean }[];
	readonly policy?: string;
	readonly status?: string;
	/** What Docker said when it could not start it. */
	readonly error?: string;
	/** Seconds. */
	readonly createdAt?: number;
	readonly mode?: string;
	readonly networks?: readonly string[];
	/** More of `HostConfig`. */
	readonly host?: Readonly<Record<string, unknown>>;
}

/** A container as Docker inspects it. */
export const container = (
	service: string,
	{
		image = oldImage,
		env = [],
		mounts = [],
		policy = 'no',
		status = 'running',
		error = '',
		createdAt = 0,
		mode = 'none',
		networks = [],
		host = {},
	}: Made = {},
): ContainerFacts =>
	containerFacts({
		Id: `${service}1`,
		Name: `/shop-${service}-1`,
		Image: image,
		State: { Status: status, Error: error, StartedAt: `${status === 'created' ? '0001' : '2026'}-01-01T00:00:00Z` },
		Created: new Date(createdAt * 1000).toISOString(),
		Config: { Env: env, Labels: { 'com.docker.compose.service': service } },
		HostConfig: { NetworkMode: mode, RestartPolicy: { Name: policy }, ...host },
		Mounts: mounts,
		NetworkSettings: { Networks: Object.fromEntries(networks.map((name) => [name, {}])) },
	});

/** A service that is built. */
export const built = { build: { context: '/srv/shop' }, network_mode: 'none' };

/** What a comparison is made of: two images, unless told otherwise. */
export const compared = (what: Partial<Compared> & Pick<Compared, 'containers' | 'after'>): Compared => ({
	images: [
		{ id: oldImage, tags: ['shop-web:latest', 'shop-worker:latest'], environment: [] },
		{ id: newImage, tags: ['shop/app:1.1'], environment: [] },
	],
	now: what.after,
	fits: new Set(what.after.services.map(({ name }) => name)),
	unset: [],
	changedFiles: [],
	links: new Map(),
	absent: new Set(),
	replaced: new Set(),
	emptied: new Set(),
	envFiles: [],
	rebuilds: false,
	always: [],
	main: 'web',
	...what,
});

/** What becomes of each service. */
export const actions = (what: Compared): Readonly<Record<string, string>> =>
	Object.fromEntries(compare(what).changes.map(({ service, action }) => [service, action]));
