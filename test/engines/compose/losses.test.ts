import { describe, expect, test } from 'vitest';
import type { Compared } from '../../../src/engines/compose/compared.ts';
import { compare } from '../../../src/engines/compose/comparison.ts';
import { type ComposeModel, parseModel } from '../../../src/engines/compose/model.ts';
import { built, compared, container, model, oldImage, other } from './compared-services.ts';

describe('what would be lost', () => {
	const losses = (what: Compared) => compare(what).losses.map(({ name }) => name);
	const data = { Type: 'volume', Name: 'shop_data', Destination: '/data', RW: true };

	test('a variable that becomes empty, and a mount that goes', () => {
		const after = model({ web: { ...built, environment: { DB_PASSWORD: '', MODE: 'x' } } });
		const containers = [container('web', { env: ['DB_PASSWORD=secret', 'MODE=production'], mounts: [data] })];
		expect(losses(compared({ after, containers, rebuilds: true, unset: ['DB_PASSWORD'] }))).toEqual([
			'web:environment:DB_PASSWORD',
			'web:mount:/data',
		]);
	});

	test('neither what was empty before, nor a volume of the image, nor a value that only changes', () => {
		const anonymous = { Type: 'volume', Name: 'f'.repeat(64), Destination: '/cache', RW: true };
		const volumes = [{ type: 'volume', source: 'data', target: '/data' }];
		const after = model({ web: { ...built, environment: { A: '', B: '2' }, volumes } });
		const containers = [container('web', { env: ['A=', 'B=1'], mounts: [data, anonymous] })];
		expect(losses(compared({ after, containers, rebuilds: true }))).toEqual([]);
	});

	test('neither what Podman gives every container', () => {
		const env = ['container=podman', 'HOME=/root', 'HOSTNAME=abc', 'TERM=xterm', 'DB_URL=postgres://prod'];
		const containers = [container('web', { env })];
		expect(losses(compared({ after: model({ web: built }), containers, rebuilds: true }))).toEqual([
			'web:environment:DB_URL',
		]);
	});

	test('neither what a config, a secret or another service mounts', () => {
		const mounts = ['/site', '/etc/b.conf', '/run/secrets/key', '/data'].map((Destination) => ({
			Type: 'bind',
			Source: `/srv/shop${Destination}`,
			Destination,
		}));
		const volumes = [{ type: 'bind', source: '/srv/shop/data', target: '/data/' }];
		const web = {
			...built,
			configs: [{ source: 'site' }, { source: 'b', target: 'etc/b.conf' }],
			secrets: [{ source: 'key' }],
			volumes_from: ['store:ro'],
		};
		const containers = [container('web', { mounts })];
		const store = { image: 'x/store:1', network_mode: 'none', volumes };
		expect(losses(compared({ after: model({ web, store }), containers, rebuilds: true }))).toEqual([]);
		const { volumes_from: _, ...alone } = web;
		expect(losses(compared({ after: model({ web: alone, store }), containers, rebuilds: true }))).toEqual([
			'web:mount:/data',
		]);
	});

	describe('what the login that deployed had in place of a default', () => {
		const service = (tag: string, level: string) => ({
			image: `x/web:${tag}`,
			network_mode: 'none',
			environment: { LEVEL: level, SAME: 'x' },
		});
		const now = model({ web: service('1', 'debug') });
		const given = {
			model: model({ web: service('61417', '61418') }),
			marks: new Map([
				['TAG', '61417'],
				['LEVEL', '61418'],
			]),
		};
		const containers = [{ ...container('web', { env: ['LEVEL=error', 'SAME=y'] }), imageName: 'x/web:2' }];
		const lost = (more: Partial<Compared>) =>
			compare(compared({ now, after: now, containers, given, rebuilds: true, fits: new Set(), ...more })).losses;

		test('is lost, and the variable is named', () => {
			const found = lost({});
			expect(found.map(({ name }) => name)).toEqual(['web:image', 'web:environment:LEVEL']);
			expect(found[0]?.reason).toContain(
				'image x/web:2 would become x/web:1 in web: the files take TAG from the login',
			);
		});

		test('is not lost where the container was made without it, or as the files say now', () => {
			expect(lost({ fits: new Set(['web']) })).toEqual([]);
			const older = model({ web: service('2', 'error') });
			expect(lost({ now: older })).toEqual([]);
			expect(lost({ given: { model: now, marks: given.marks } })).toEqual([]);
		});

		test('may be lost in the text of a config or secret', () => {
			const text = (level: string) =>
				parseModel(
					JSON.stringify({
						name: 'shop',
						services: {
							web: { ...built, ...service('1', 'debug'), configs: [{ source: 'site' }], secrets: [{ source: 'key' }] },
						},
						configs: { site: { content: `level=${level}` } },
						secrets: { key: { environment: 'KEY' } },
					}),
				);
			const marks = new Map([...given.marks, ['KEY', '61419']]);
			const more = { now: text('debug'), after: text('debug'), fits: new Set(['web']) };
			const names = (with_: Compared['given']) => lost({ ...more, given: with_ }).map(({ name }) => name);
			expect(names({ model: text('61418'), marks })).toEqual(['web:text:site', 'web:text:key']);
			expect(names({ model: text('debug'), marks: given.marks })).toEqual([]);
		});

		test('is not lost where it is asked for: another image', () => {
			const after = model({ web: service('3', 'debug') });
			expect(lost({ after, rebuilds: false }).map(({ name }) => name)).toEqual(['web:environment:LEVEL']);
		});
	});

	describe('limits that docker update has given', () => {
		const lost = (web: object, host: Readonly<Record<string, unknown>>, more: Partial<Compared> = {}) => {
			const after = model({ web: { ...built, ...web } });
			return losses(compared({ after, containers: [container('web', { host })], rebuilds: true, ...more }));
		};
		const deploy = {
			resources: { limits: { cpus: 0.25, memory: '314572800' }, reservations: { memory: '104857600' } },
		};

		test('are losses, each by its name', () => {
			const host = { Memory: 2 ** 30, MemoryReservation: 2 ** 20, NanoCpus: 5e8, CpuShares: 512 };
			expect(lost({}, host)).toEqual([
				'web:limit:Memory',
				'web:limit:MemoryReservation',
				'web:limit:NanoCpus',
				'web:limit:CpuShares',
			]);
			expect(lost({ deploy, mem_limit: '1073741824' }, { Memory: 2 ** 30 })).toContain('web:limit:Memory');
			expect(lost({ deploy }, {})).toEqual(['web:limit:Memory', 'web:limit:MemoryReservation', 'web:limit:NanoCpus']);
		});

		test('are none that the files of now or of then give', () => {
			expect(lost({ deploy }, { Memory: 314572800, MemoryReservation: 104857600, NanoCpus: 25e7 })).toEqual([]);
			const files = { mem_limit: '1610612736', mem_reservation: '536870912', cpus: 0.5, cpu_shares: 512 };
			const host = { Memory: 1610612736, MemoryReservation: 536870912, NanoCpus: 5e8, CpuShares: 512 };
			expect(lost(files, host)).toEqual([]);
			expect(lost({}, host, { now: model({ web: { ...built, ...files } }) })).toEqual([]);
		});

		test('are not known of a container that Compose would recreate anyway', () => {
			expect(lost({}, { Memory: 2 ** 30 }, { fits: new Set() })).toEqual([]);
		});

		test('are told in words', () => {
			const containers = [container('web', { host: { Memory: 1.5 * 2 ** 30 } })];
			const after = model({ web: { ...built, mem_limit: '536870912' } });
			expect(compare(compared({ after, containers, rebuilds: true })).losses.map(({ reason }) => reason)).toEqual([
				'the memory limit that somebody gave web by hand, 1536 MiB, would be lost: the files say 512 MiB',
			]);
		});
	});

	test('a restart policy that somebody has given by hand, and not one that was taken away or that the files give', () => {
		const after = model({ web: { ...built, restart: 'on-failure:3' } });
		const lost = (policy: string, more: Partial<Compared> = {}) =>
			losses(compared({ after, containers: [container('web', { policy })], rebuilds: true, ...more }));
		expect(lost('unless-stopped')).toEqual(['web:restart:unless-stopped']);
		expect(['no', 'on-failure'].flatMap((policy) => lost(policy))).toEqual([]);
		expect(lost('always', { now: model({ web: { ...built, restart: 'always' } }) })).toEqual([]);
		expect(lost('always', { fits: new Set() })).toEqual([]);
	});

	test('a mount of what is not on the host, also of a service that has no container now', () => {
		const volumes = [{ type: 'bind', source: '/srv/shop/data', target: '/data' }];
		const after = model({ web: { ...built, volumes }, db: { image: 'x/db:1', network_mode: 'none', volumes } });
		const what = { after, containers: [container('web')], rebuilds: true };
		expect(losses(compared({ ...what, absent: new Set(['/srv/shop/data']) }))).toEqual([
			'db:mount:/data',
			'web:mount:/data',
		]);
		expect(losses(compared({ ...what, absent: new Set(['/srv/shop/other']) }))).toEqual([]);
	});

	test('a folder that the container has and that is another one now, and empty', () => {
		const volumes = [{ type: 'bind', source: '/srv/shop/data', target: '/data' }];
		const what = { after: model({ web: { ...built, volumes } }), containers: [container('web')], rebuilds: true };
		expect(losses(compared({ ...what, emptied: new Set(['web1\t/data']) }))).toEqual(['web:mount:/data']);
		expect(losses(compared({ ...what, emptied: new Set(['db1\t/data']) }))).toEqual([]);
	});

	test('containers that were added by hand', () => {
		const after = model({ web: built });
		const containers = [container('web'), container('web'), container('web')];
		expect(losses(compared({ after, containers, rebuilds: true }))).toEqual(['web:replicas:1']);
	});

	test('containers that the new files no longer have, and no variable of a service that is scaled to 0', () => {
		const now = model({ web: built, cache: { image: 'redis:7', network_mode: 'none', deploy: { replicas: 3 } } });
		const cache = { image: 'redis:7', network_mode: 'none', environment: { P: '' }, deploy: { replicas: 0 } };
		const after = model({ web: built, cache });
		const containers = [container('web'), container('cache', { image: other, env: ['P=x'] })];
		const images = [{ id: other, tags: ['redis:7'], environment: [] }];
		expect(losses(compared({ now, after, containers, images, rebuilds: true }))).toEqual(['cache:replicas:0']);
	});

	test('a variable that no file sets any more, and one that only the login had; not one that the chosen version leaves out', () => {
		const after = model({ web: { ...built, environment: { FROM_LOGIN: null, SET: '1' } } });
		const now = model({ web: { ...built, environment: { FROM_LOGIN: 'x', SET: '1', NEWER: '2' } } });
		const env = ['DB_URL=postgres://prod', 'FROM_LOGIN=x', 'SET=1', 'NEWER=2', 'EMPTY=', 'PATH=/bin'];
		const images = [{ id: oldImage, tags: [], environment: ['PATH=/bin'] }];
		const known = { after, now, images, rebuilds: true };
		expect(losses(compared({ ...known, containers: [container('web', { env })] }))).toEqual([
			'web:environment:DB_URL',
			'web:environment:FROM_LOGIN',
		]);
		// Without its image nothing tells what is the image's own.
		expect(losses(compared({ ...known, containers: [container('web', { env, image: other })] }))).toEqual([]);
	});

	test('nothing of a service that is not touched', () => {
		const after = model({ web: built, db: { image: 'db:1', network_mode: 'none', environment: { P: '' } } });
		const containers = [container('web'), container('db', { image: other, env: ['P=x'] })];
		const images = [{ id: other, tags: ['db:1'], environment: [] }];
		expect(losses(compared({ after, containers, images, fits: new Set(['web']), always: ['web'] }))).toEqual([]);
	});

	test('a network that no file gives to a service is a loss, and one that a commit takes away is not', () => {
		const written = (...networks: readonly string[]) =>
			parseModel(
				JSON.stringify({
					name: 'shop',
					services: {
						web: {
							build: { context: '/srv/shop' },
							networks: Object.fromEntries(networks.map((name) => [name, null])),
						},
					},
					networks: { default: { name: 'shop_default' }, proxy: { name: 'proxy', external: true } },
				}),
			);
		const losses = (now: ComposeModel, ...networks: readonly string[]) =>
			compare(
				compared({
					now,
					after: written('default'),
					containers: [container('web', { mode: 'shop_default', networks })],
					rebuilds: true,
				}),
			).losses.map(({ name }) => name);
		expect(losses(written('default'), 'shop_default', 'proxy')).toEqual(['web:network:proxy']);
		expect(losses(written('default', 'proxy'), 'shop_default', 'proxy')).toEqual([]);
		expect(losses(written('default'), 'shop_default', 'held-by-backout')).toEqual([]);
	});

	test('what would be made without a variable that nothing sets is a loss, unless it was made without it', () => {
		const written = (host: string, port: number | undefined) =>
			model({
				web: {
					build: { context: '/srv/shop', args: { HOST: host } },
					network_mode: 'none',
					environment: { DSN: `pg://${host}`, MODE: 'live' },
					labels: { rule: `Host(${host})` },
					command: ['serve', host],
					...(port !== undefined && { mem_limit: port }),
				},
			});
		const after = written('', undefined);
		const losses = (env: readonly string[], fits: ReadonlySet<string>) =>
			compare(
				compared({
					after,
					containers: [container('web', { env })],
					fits,
					unset: ['H'],
					marked: written('61417', 61_417),
					always: ['web'],
				}),
			).losses.map(({ name }) => name);
		expect(losses(['DSN=pg://db', 'MODE=live'], new Set())).toEqual([
			'web:environment:DSN',
			'web:label:rule',
			'web:setting:command',
			'web:setting:mem_limit',
		]);
		expect(losses(['DSN=pg://', 'MODE=live'], new Set(['web']))).toEqual(['web:label:rule']);
	});
});
