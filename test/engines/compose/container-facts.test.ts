import { expect, test } from 'vitest';
import {
	allContainerFacts,
	containerFacts,
	withoutHalfRecreated,
} from '../../../src/engines/compose/container-facts.ts';

const web = 'a'.repeat(64);

/** Returns a container as `docker inspect` prints it, as far as it is read. */
const inspected = (more: Readonly<Record<string, unknown>> = {}, host: Readonly<Record<string, unknown>> = {}) => ({
	Id: web,
	Name: '/shop-web-1',
	Image: 'sha256:1111111111112222',
	State: { Status: 'running' },
	Config: {
		Image: 'shop-web',
		Env: ['MODE=production', 'DB_PASSWORD=one', 'PATH=/bin'],
		Cmd: ['sh', '-c', 'serve'],
		Entrypoint: null,
		Labels: {
			'com.docker.compose.service': 'web',
			'com.docker.compose.container-number': '2',
			'com.docker.compose.config-hash': 'h',
			mine: 'yes',
		},
		...more,
	},
	HostConfig: {
		NetworkMode: 'shop_default',
		PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] },
		RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
		IpcMode: 'private',
		Memory: 0,
		...host,
	},
	Mounts: [
		{ Type: 'bind', Source: '/srv/shop', Destination: '/app', RW: false },
		{
			Type: 'volume',
			Name: 'shop_data',
			Source: '/var/lib/docker/volumes/shop_data/_data',
			Destination: '/data',
			RW: true,
		},
	],
	NetworkSettings: { Networks: { shop_default: { IPAMConfig: null } } },
});

const factsOf = (container: unknown) =>
	new Map(containerFacts(container).facts.map(({ aspect, name, value }) => [`${aspect} ${name}`.trim(), value]));

/** The facts in which the second container differs from the first: `environment MODE: production, now empty`. */
const words = (a: unknown, b: unknown): readonly string[] => {
	const [before, after] = [factsOf(a), factsOf(b)];
	const said = (value: string | undefined) => (value === undefined ? 'nothing' : value || 'empty');
	return [...new Set([...before.keys(), ...after.keys()])]
		.filter((name) => before.get(name) !== after.get(name))
		.sort()
		.map((name) => `${name}: ${said(before.get(name))}, now ${said(after.get(name))}`);
};

test('a container is read: what it is, and with what it was made', () => {
	const read = containerFacts(inspected());
	expect(read).toMatchObject({ name: 'shop-web-1', service: 'web', number: '2', running: true, configHash: 'h' });
	expect(Object.fromEntries(read.facts.map(({ aspect, name, value }) => [`${aspect} ${name}`.trim(), value]))).toEqual({
		image: 'sha256:1111111111112222',
		command: '["sh","-c","serve"]',
		'environment MODE': 'production',
		'environment DB_PASSWORD': 'one',
		'environment PATH': '/bin',
		'mount /app': 'bind /srv/shop, read-only',
		'mount /data': 'volume shop_data',
		'port 80/tcp': '127.0.0.1:8080',
		'restart policy': 'on-failure:3',
		'network shop_default': '',
		'label mine': 'yes',
	});
});

test('the same container made again differs in nothing', () => {
	const again = { ...inspected(), Id: 'b'.repeat(64), State: { Status: 'exited' } };
	expect(words(inspected(), again)).toEqual([]);
	expect(words(inspected(), { ...again, Config: { ...again.Config, Env: [...again.Config.Env].reverse() } })).toEqual(
		[],
	);
});

test('each kind of difference is a fact of its own', () => {
	const other = {
		...inspected(
			{ Env: ['MODE=', 'DB_PASSWORD=two', 'NEW=1'], Labels: { 'com.docker.compose.service': 'web' }, User: '1000' },
			{ RestartPolicy: { Name: '' }, PortBindings: null, Memory: 1024, NetworkMode: 'none' },
		),
		Image: 'sha256:3333333333334444',
		Mounts: [{ Type: 'volume', Name: 'c'.repeat(64), Destination: '/data', RW: true }],
	};
	const said = words(inspected(), other);
	expect(said).toEqual([
		'environment DB_PASSWORD: one, now two',
		'environment MODE: production, now empty',
		'environment NEW: nothing, now 1',
		'environment PATH: /bin, now nothing',
		'image: sha256:1111111111112222, now sha256:3333333333334444',
		'label mine: yes, now nothing',
		'mount /app: bind /srv/shop, read-only, now nothing',
		`mount /data: volume shop_data, now anonymous volume ${'c'.repeat(64)}`,
		'network mode: nothing, now none',
		'network shop_default: empty, now nothing',
		'port 80/tcp: 127.0.0.1:8080, now nothing',
		'restart policy: on-failure:3, now no',
		'setting Memory: nothing, now 1024',
		'user: nothing, now 1000',
	]);
});

test('a network that is shared with another service is that service, whatever its container is called now', () => {
	const side = (of: string) => ({
		...inspected({ Labels: { 'com.docker.compose.service': 'side' } }, { NetworkMode: `container:${of}` }),
		Id: 's',
	});
	const pair = (id: string) => allContainerFacts(JSON.stringify([{ ...inspected(), Id: id }, side(id)]));
	const [, before] = pair('b'.repeat(64));
	const [, after] = pair('c'.repeat(64));
	if (before === undefined || after === undefined) {
		throw new Error('a container was not read');
	}
	expect(before.facts).toContainEqual({ aspect: 'network mode', name: '', value: 'service:web' });
	expect(after.facts).toEqual(before.facts);
});

test('one-off containers, strangers and text that is no JSON are passed over', () => {
	const oneOff = inspected({
		Labels: { 'com.docker.compose.service': 'web', 'com.docker.compose.oneoff': 'True' },
	});
	expect(allContainerFacts(JSON.stringify([oneOff, inspected({ Labels: null }), {}, null]))).toEqual([]);
	expect(allContainerFacts('Error: No such object')).toEqual([]);
});

test.each([
	['the one that runs', ['/aaaaaaaaaaaa_shop-web-1', 'running', 1], ['/shop-web-1', 'exited', 2]],
	['the one with the plain name', ['/shop-web-1', 'exited', 1], ['/aaaaaaaaaaaa_shop-web-1', 'created', 2]],
	['the newer one', ['/shop-web-1', 'created', 2], ['/shop-web-1-until-x', 'exited', 1]],
] as const)('of two containers that were recreated by half, %s counts', (_, counts, other) => {
	const [kept, left] = [counts, other].map(([Name, Status, day]) => ({
		...inspected(),
		...{ Id: Name, Name, State: { Status }, Created: `2026-01-0${day}T00:00:00Z` },
	}));
	const names = (list: readonly unknown[]) =>
		withoutHalfRecreated(allContainerFacts(JSON.stringify(list))).map(({ id }) => id);
	expect(names([kept, left])).toEqual([counts[0]]);
	expect(names([left, kept])).toEqual([counts[0]]);
});
