import { describe, expect, test } from 'vitest';
import type { Compared } from '../../../src/engines/compose/compared.ts';
import { compare } from '../../../src/engines/compose/comparison.ts';
import { containerFacts } from '../../../src/engines/compose/container-facts.ts';
import { parseModel } from '../../../src/engines/compose/model.ts';

const image = `sha256:${'a'.repeat(64)}`;

/** What a plan says of the service web, whose container has these variables. */
const whyOf = (env: readonly string[], service: Readonly<Record<string, unknown>>, more: Partial<Compared> = {}) => {
	const after = parseModel(
		JSON.stringify({ name: 'shop', services: { web: { image: 'shop/web', network_mode: 'none', ...service } } }),
	);
	const container = containerFacts({
		Id: '1f2e3d4c5b6a',
		Name: '/shop-web-1',
		Image: image,
		State: { Status: 'running', StartedAt: '2026-01-01T00:00:00Z' },
		Config: { Env: env, Labels: { 'com.docker.compose.service': 'web' } },
		HostConfig: { NetworkMode: 'none' },
	});
	const compared: Compared = {
		containers: [container],
		after,
		now: after,
		images: [{ id: image, tags: ['shop/web:latest'], environment: [] }],
		fits: new Set(['web']),
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
		...more,
	};
	return compare(compared).changes[0]?.why;
};

test('variables that Podman gives every container are no difference, unless the files set them', () => {
	const podmans = ['container=podman', 'HOSTNAME=1f2e3d4c5b6a', 'HOME=/', 'TERM=xterm'];
	const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
	const anew = { always: ['web'], fits: new Set<string>() };
	expect(whyOf([...podmans, path, 'MODE=a'], { environment: { MODE: 'b' } }, anew)).toEqual([
		'variable MODE changes',
		'it is always recreated',
	]);
	expect(whyOf(podmans, { environment: { TERM: 'vt100' } }, anew)).toContain('variable TERM changes');
	// Without Podman they are somebody's.
	expect(whyOf(['HOME=/srv', path], {}, anew)).toEqual(
		expect.arrayContaining(['variable HOME goes', 'variable PATH goes']),
	);
});

test('a changed file that is mounted is named once', () => {
	const volumes = [{ type: 'bind', source: '/srv/shop/conf', target: '/conf' }];
	const changedFiles = ['/srv/shop/conf/a.ini'];
	expect(whyOf([], { volumes }, { changedFiles })).toContain('it mounts files that change: a.ini');
});

test('a mounted file that another one has replaced since is named, if the service still mounts it', () => {
	const replaced = new Set(['1f2e3d4c5b6a\t/etc/a.ini']);
	const volumes = [{ type: 'bind', source: '/srv/shop/a.ini', target: '/etc/a.ini' }];
	expect(whyOf([], { volumes }, { replaced, always: ['web'] })).toContain(
		'it still has an older a.ini than there is on the host: that was replaced while it ran, and the undo does not bring the old one back',
	);
	expect(whyOf([], {}, { replaced, always: ['web'] })).toEqual(['it is always recreated']);
});

describe('a network', () => {
	const after = (service: Readonly<Record<string, unknown>>) => ({
		containers: [
			containerFacts({
				Id: '1f2e3d4c5b6a',
				Image: image,
				State: { Status: 'running' },
				Config: { Labels: { 'com.docker.compose.service': 'web' } },
				HostConfig: { NetworkMode: 'shop_front' },
				NetworkSettings: {
					Networks: { shop_front: { Aliases: ['web', '1f2e3d4c5b6a'] }, shop_back: { Aliases: null } },
				},
			}),
		],
		after: parseModel(
			JSON.stringify({
				name: 'shop',
				services: { web: { image: 'shop/web', ...service } },
				networks: { front: {}, back: {}, third: {} },
			}),
		),
		always: ['web'],
	});
	const why = (networks: readonly string[]) =>
		whyOf([], {}, after({ networks: Object.fromEntries(networks.map((name) => [name, null])) }));

	test('that its container is not connected to is named', () => {
		expect(why(['front', 'third'])).toContain('it is not connected to the network shop_third');
	});

	test('in which its container has no name is named, others are not', () => {
		expect(why(['front', 'back'])).toContain('others in the network shop_back do not find it by its name');
		expect(why(['front'])?.join()).not.toContain('network');
	});
});
