import { describe, expect, test } from 'vitest';
import { compare } from '../../../src/engines/compose/comparison.ts';
import type { ContainerFacts } from '../../../src/engines/compose/container-facts.ts';
import { isMoving } from '../../../src/engines/compose/image-names.ts';
import { parseModel } from '../../../src/engines/compose/model.ts';
import { actions, built, compared, container, model, newImage, oldImage, other } from './compared-services.ts';

describe('what becomes of each service', () => {
	test('nothing, where what runs fits the files', () => {
		const after = model({ web: built });
		expect(actions(compared({ after, containers: [container('web')] }))).toEqual({ web: 'keep' });
	});

	test('a commit takes everything that is built from it, and leaves what is not', () => {
		const after = model({ web: built, worker: built, cache: { image: 'redis:7', network_mode: 'none' } });
		const containers = [container('web'), container('worker'), container('cache', { image: other })];
		const images = [{ id: other, tags: ['redis:7'], environment: [] }];
		expect(actions(compared({ after, containers, images, rebuilds: true }))).toEqual({
			web: 'recreate',
			worker: 'recreate',
			cache: 'keep',
		});
	});

	test('a commit takes also what runs an image that another service builds', () => {
		const after = model({
			web: { ...built, image: 'shop/app' },
			worker: { image: 'shop/app:latest', network_mode: 'none' },
			other: { image: 'shop/app:1.0', network_mode: 'none' },
		});
		const images = [
			{ id: oldImage, tags: ['shop/app:latest'], environment: [] },
			{ id: other, tags: ['shop/app:1.0'], environment: [] },
		];
		const containers = [container('web'), container('worker'), container('other', { image: other })];
		expect(actions(compared({ after, containers, images, rebuilds: true }))).toEqual({
			web: 'recreate',
			worker: 'recreate',
			other: 'keep',
		});
	});

	test('an image takes every service of that name, and no other', () => {
		const app = { image: 'shop/app', network_mode: 'none' };
		const after = model({ web: app, worker: app, mailer: { image: 'shop/mailer', network_mode: 'none' } });
		const containers = ['web', 'worker', 'mailer'].map((name) => container(name));
		const images = [{ id: oldImage, tags: ['shop/app:latest', 'shop/mailer:latest'], environment: [] }];
		const retagged = { name: 'shop/app:latest', id: newImage };
		expect(actions(compared({ after, containers, images, retagged }))).toEqual({
			web: 'recreate',
			worker: 'recreate',
			mailer: 'keep',
		});
	});

	test('whoever uses the network of one that is made anew comes along, and theirs in turn', () => {
		const after = model({
			web: built,
			side: { image: 'x/side:1', network_mode: 'service:web' },
			probe: { image: 'x/side:1', network_mode: 'service:side' },
		});
		const images = [{ id: other, tags: ['x/side:1'], environment: [] }];
		const containers = [
			container('web'),
			container('side', { image: other, mode: 'service:web' }),
			container('probe', { image: other, mode: 'service:side' }),
		];
		expect(actions(compared({ after, containers, images, rebuilds: true }))).toEqual({
			web: 'recreate',
			side: 'recreate',
			probe: 'recreate',
		});
	});

	test('whoever is on a network that Compose makes anew comes along, and nobody where it does not', () => {
		const files = (internal: boolean) =>
			parseModel(
				JSON.stringify({
					name: 'shop',
					services: {
						web: { image: 'shop/app:1.1', networks: { inside: {} } },
						db: { image: 'db', networks: { inside: {} } },
						mail: { image: 'mail', networks: { outside: {} } },
					},
					networks: { inside: { name: 'shop_inside', internal }, outside: { name: 'shop_outside' } },
				}),
			);
		const containers = [
			container('web', { mode: 'shop_inside', networks: ['shop_inside'] }),
			container('db', { mode: 'shop_inside', networks: ['shop_inside'] }),
			container('mail', { mode: 'shop_outside', networks: ['shop_outside'] }),
		];
		const what = compared({ containers, images: [], now: files(false), after: files(true) });
		expect(actions(what)).toEqual({ web: 'keep', db: 'keep', mail: 'keep' });
		expect(actions({ ...what, remakesNetworks: true })).toEqual({ web: 'recreate', db: 'recreate', mail: 'keep' });
	});

	test('who mounts a config or a secret that the commit changes comes along', () => {
		const api = { image: 'x/api:1', network_mode: 'none', configs: [{ source: 'site' }], secrets: [{ source: 'key' }] };
		const services = { api, mail: { ...api, secrets: [] }, plain: { ...api, configs: [], secrets: [] } };
		const files = { configs: { site: { file: '/srv/shop/site.conf' } }, secrets: { key: { file: '/srv/shop/key' } } };
		const after = parseModel(JSON.stringify({ name: 'shop', services, ...files }));
		const containers = Object.keys(services).map((name) => container(name, { image: other }));
		const images = [{ id: other, tags: ['x/api:1'], environment: [] }];
		const changing = (...changedFiles: readonly string[]) =>
			actions(compared({ after, containers, images, changedFiles, rebuilds: true }));
		expect(changing('/srv/shop/site.conf')).toEqual({ api: 'recreate', mail: 'recreate', plain: 'keep' });
		expect(changing('/srv/shop/key')).toEqual({ api: 'recreate', mail: 'keep', plain: 'keep' });
	});

	test('a commit takes what mounts a file through a link that changes, or from a submodule', () => {
		const mounting = (source: string) => ({
			image: 'x/api:1',
			network_mode: 'none',
			volumes: [{ type: 'bind', source, target: '/etc/a.ini' }],
		});
		const after = model({
			web: mounting('/srv/shop/current/a.ini'),
			mail: mounting('/srv/shop/lib/a.ini'),
			plain: mounting('/srv/shop/b'),
		});
		const containers = after.services.map(({ name, mounts }) =>
			container(name, {
				image: other,
				mounts: mounts.map(({ source, target }) => ({ Type: 'bind', Source: source ?? '', Destination: target })),
			}),
		);
		const images = [{ id: other, tags: ['x/api:1'], environment: [] }];
		const links = new Map([['/srv/shop/current/a.ini', '/srv/shop/v2/a.ini']]);
		const changing = (...changedFiles: readonly string[]) =>
			actions(compared({ after, containers, images, changedFiles, links, rebuilds: true }));
		expect(changing('/srv/shop/v2/a.ini')).toEqual({ mail: 'keep', plain: 'keep', web: 'recreate' });
		expect(changing('/srv/shop/current')).toEqual({ mail: 'keep', plain: 'keep', web: 'recreate' });
		expect(changing('/srv/shop/lib')).toEqual({ mail: 'recreate', plain: 'keep', web: 'keep' });
	});

	test('a commit takes what has a config or secret of another text, or of a variable that may change', () => {
		const plain = { image: 'x/api:1', network_mode: 'none' };
		const services = {
			api: { ...plain, configs: [{ source: 'site' }] },
			mail: { ...plain, secrets: [{ source: 'key' }] },
			web: plain,
		};
		const written = (content: string) =>
			parseModel(
				JSON.stringify({
					name: 'shop',
					services,
					configs: { site: { content } },
					secrets: { key: { environment: 'KEY' } },
				}),
			);
		const containers = Object.keys(services).map((name) => container(name, { image: other }));
		const images = [{ id: other, tags: ['x/api:1'], environment: [] }];
		const envFiles = ['/srv/shop/.env'];
		const what = { now: written('2'), containers, images, envFiles, rebuilds: true };
		expect(actions(compared({ ...what, after: written('1') }))).toEqual({ api: 'recreate', mail: 'keep', web: 'keep' });
		expect(actions(compared({ ...what, after: written('2'), changedFiles: envFiles }))).toEqual({
			api: 'keep',
			mail: 'recreate',
			web: 'keep',
		});
	});

	test('what the commit does not know is stopped; what it has more is made; nothing is made of a service scaled to 0', () => {
		const now = model({ web: built, report: built });
		const after = model({ web: built, mailer: built, gpu: { ...built, deploy: { replicas: 0 } } });
		const containers = [container('web'), container('report')];
		expect(actions(compared({ now, after, containers, rebuilds: true }))).toEqual({
			web: 'recreate',
			mailer: 'create',
			gpu: 'keep',
			report: 'stop',
		});
	});

	test('a service that was stopped by hand or is held stays so, but not the main one, nor one that ended by itself', () => {
		const after = model({ web: built, worker: built, mailer: built, batch: built });
		const containers = [
			container('web', { status: 'exited', policy: 'always' }),
			container('worker', { status: 'exited', policy: 'always' }),
			container('mailer', {
				status: 'exited',
				policy: 'no',
				mode: 'shop_default',
				networks: ['shop_default', 'held-by-backout'],
			}),
			container('batch', { status: 'exited', policy: 'no' }),
		];
		const { changes } = compare(compared({ after, containers, rebuilds: true }));
		expect(
			changes
				.filter(({ staysStopped }) => staysStopped)
				.map(({ service }) => service)
				.toSorted(),
		).toEqual(['mailer', 'worker']);
	});

	test('what a deployment that stopped half-way has created and never started is started, and nothing else', () => {
		const policy = 'always';
		const after = model({ web: built, side: built, mailer: built, asked: built });
		const containers = [
			container('web', { status: 'created', policy, error: 'port is already allocated', createdAt: 7000 }),
			container('side', { status: 'created', policy, createdAt: 7005 }),
			// Created long before, to be started by hand: `docker compose create`.
			container('mailer', { status: 'created', policy, createdAt: 1000 }),
			container('asked', { status: 'exited', policy, createdAt: 7001 }),
		];
		const { changes } = compare(compared({ after, containers, main: 'web' }));
		const of = (name: string) => changes.find(({ service }) => service === name);
		expect(of('side')).toMatchObject({
			action: 'recreate',
			interrupted: false,
			staysStopped: false,
			why: ['a deployment that stopped half-way has never started it'],
		});
		expect(of('web')).toMatchObject({ action: 'recreate', staysStopped: false });
		expect(of('mailer')).toMatchObject({ action: 'keep', staysStopped: true });
		expect(of('asked')).toMatchObject({ action: 'keep', staysStopped: true });
		// Without the one that could not be started, nothing says that a deployment stopped.
		const alone = compare(compared({ after, containers: containers.slice(1) }));
		expect(alone.changes.filter(({ action }) => action === 'recreate')).toEqual([]);
	});

	test('a service that differs from the files already is left alone, unless what is made anew depends on it', () => {
		const db = { image: 'db:1', network_mode: 'none', restart: 'always' };
		const containers = [container('web'), container('db', { image: other })];
		const images = [
			{ id: other, tags: ['db:1'], environment: [] },
			{ id: oldImage, tags: ['shop-web:latest'], environment: [] },
		];
		const alone = model({ web: built, db });
		const what = { containers, images, fits: new Set(['web']), always: ['web'] };
		expect(actions(compared({ after: alone, ...what }))).toEqual({ web: 'recreate', db: 'keep' });
		const needed = model({ web: { ...built, depends_on: { db: { condition: 'service_started' } } }, db });
		expect(actions(compared({ after: needed, ...what }))).toEqual({ web: 'recreate', db: 'recreate' });
	});

	test('a file that is put back takes whoever mounts it', () => {
		const mounts = [{ type: 'bind', source: '/srv/shop/conf', target: '/conf' }];
		const after = model({ web: { ...built, volumes: mounts }, worker: built });
		const bind = [{ Type: 'bind', Source: '/srv/shop/conf', Destination: '/conf', RW: true }];
		const containers = [container('web', { mounts: bind }), container('worker')];
		expect(actions(compared({ after, containers, changedFiles: ['/srv/shop/conf/a.ini'] }))).toEqual({
			web: 'recreate',
			worker: 'keep',
		});
	});
});

test('a secret is never in the reasons', () => {
	const after = model({ web: { ...built, environment: { API_TOKEN: 'new-secret' } } });
	const { changes } = compare(
		compared({
			after,
			fits: new Set(),
			now: model({ web: built }),
			containers: [container('web', { env: ['API_TOKEN=old-secret'] })],
		}),
	);
	expect(changes[0]?.why.join(' ')).toContain('API_TOKEN');
	expect(JSON.stringify(changes)).not.toMatch(/old-secret|new-secret/);
});

test('names that move, and names that do not', () => {
	for (const name of [
		'shop/app',
		'shop/app:latest',
		'registry.example.net:5000/app',
		'app:main',
		'docker.io/library/app',
	]) {
		expect(isMoving(name), name).toBe(true);
	}
	for (const name of ['app:1.2', 'app:7-alpine', `app@sha256:${'a'.repeat(64)}`, 'registry.example.net:5000/app:v1']) {
		expect(isMoving(name), name).toBe(false);
	}
});

describe('a container in the network of one that does not run', () => {
	const after = model({ web: built, sidecar: { image: 'shop/app:1.1', network_mode: 'service:web' } });
	const whyOf = (containers: readonly ContainerFacts[]) =>
		compare(compared({ after, containers, rebuilds: true })).changes.find(({ service }) => service === 'sidecar')?.why;
	const said = 'undo cannot start it again: it uses the network of web, which does not run';

	test('is recreated, and that is said to be for good: it is gone', () => {
		const sidecar = container('sidecar', { image: newImage, mode: `container:${'d'.repeat(64)}` });
		expect(whyOf([sidecar])).toContain(said);
		expect(whyOf([sidecar])).toContain('the container whose network it uses is gone');
	});

	test('is recreated, and that is said to be for good: it is stopped', () => {
		const web = container('web', { status: 'exited' });
		expect(whyOf([web, container('sidecar', { image: newImage, mode: 'container:web1' })])).toContain(said);
	});

	test('nothing is said where the other one runs, or where it does not run itself', () => {
		const sidecar = (status: string) => container('sidecar', { image: newImage, mode: 'container:web1', status });
		expect(whyOf([container('web'), sidecar('running')])).not.toContain(said);
		expect(whyOf([container('web', { status: 'exited' }), sidecar('exited')])).not.toContain(said);
	});
});
