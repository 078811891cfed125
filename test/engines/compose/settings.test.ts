import { expect, test } from 'vitest';
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
		envFiles: [],
		rebuilds: false,
		always: [],
		main: 'web',
		...more,
	};
	return compare(compared).changes[0]?.why;
};

test('a changed file that is mounted is named once', () => {
	const volumes = [{ type: 'bind', source: '/srv/shop/conf', target: '/conf' }];
	const changedFiles = ['/srv/shop/conf/a.ini'];
	expect(whyOf([], { volumes }, { changedFiles })).toContain('it mounts files that change: a.ini');
});
