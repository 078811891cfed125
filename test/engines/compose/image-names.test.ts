import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contextsBeside, contextsInPlace, isMoving } from '../../../src/engines/compose/image-names.ts';
import { parseModel } from '../../../src/engines/compose/model.ts';
import movingTagsScript from '../../../src/engines/compose/moving-tags.sh';
import { builtBesideNotes, unprovenServices } from '../../../src/engines/compose/plan/unproven.ts';
import rolloutScript from '../../../src/engines/compose/rollout.sh';
import versionScript from '../../../src/engines/compose/version.sh';
import { shellMissing, shellPath, shells } from '../../runner/shells.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const moving = [
	...['latest', 'stable', 'main', 'edge', 'production', 'release', 'nightly', 'alpine', 'lts-slim'],
	...['latest-alpine', 'latest-pg16', 'pg16.latest', 'php8_latest'],
].map((tag) => `shop/web:${tag}`);
const fixed = [
	'shop/web:1.2.0',
	'shop/web:v1',
	'registry:5000/shop/web:stable-1',
	'shop/web:1.2-alpine',
	'shop/web:latest2',
];

test('a tag that moves is known as one, and others are not', () => {
	expect(moving.filter((name) => !isMoving(name))).toEqual([]);
	expect([...fixed, `shop/web@${digest}`].filter(isMoving)).toEqual([]);
	expect(['shop/web', 'registry:5000/shop/web'].filter((name) => !isMoving(name))).toEqual([]);
});

test.each(shells.filter((shell) => !shellMissing(shell)))('on the host, %s knows the same tags', (shell) => {
	const isVersion = (name: string): boolean =>
		spawnSync(shellPath(shell), [
			...(shell === 'busybox' ? ['sh'] : []),
			'-c',
			`${movingTagsScript}\n${versionScript}\nis_version "$1"`,
			'sh',
			name,
		]).status === 0;
	expect(moving.filter(isVersion)).toEqual([]);
	expect(fixed.filter((name) => !isVersion(name))).toEqual([]);
	expect(['shop/web', `shop/web:1.2.0@${digest}`].filter(isVersion)).toEqual([]);
});

const folders = { top: '/srv/shop', inPlace: new Set(['/srv/shop/live']) };

test('a build context that is not of the commit is known as one', () => {
	const beside = (context: string) => {
		const web = { imageName: 'shop-web', replicas: 1, build: { context } };
		return contextsBeside(web, [web], folders).length > 0;
	};
	const commit = 'a'.repeat(40);
	const others = [
		...['https://github.com/x/web.git', 'https://github.com/x/web.git#main', 'git@github.com:x/web.git#release:app'],
		...['github.com/x/web', 'https://github.com/x/web.git?branch=main', 'https://example.net/web.tar.gz', '/srv/web'],
		...[
			'/srv/shop-web',
			'/srv/shop/live',
			'https://github.com/x/web.git#2.x',
			'https://github.com/x/web.git#release-2',
		],
	];
	expect(others.filter((context) => !beside(context))).toEqual([]);
	const own = [
		...[
			'/srv/shop',
			'/srv/shop/web',
			'.',
			`https://github.com/x/web.git#${commit}`,
			'ssh://git@x.net/web.git#v1.2.0:app',
		],
		...['https://github.com/x/web.git?tag=v1.2', 'https://example.net/web-1.2.0.tar.gz'],
	];
	expect(own.filter(beside)).toEqual([]);
});

test('a service that is built from elsewhere is not proven to be of the commit, whoever builds its image', () => {
	const services = {
		web: { build: { context: 'https://me:secret@github.com/x/web.git#main' } },
		worker: { image: 'shop-web' },
		api: { build: { context: '/srv/shop/api' } },
		tool: { build: { context: '/srv/tool' } },
	};
	const after = parseModel(JSON.stringify({ name: 'shop', services }));
	const changes = ['web', 'worker', 'api', 'tool'].map((service) => ({
		...{ service, interrupted: true, staysStopped: false, why: [] },
		action: service === 'tool' ? ('keep' as const) : ('recreate' as const),
	}));
	expect([...unprovenServices(after, { changes }, 'web', folders)]).toEqual(['web', 'worker']);
	expect(builtBesideNotes(after, new Set(['web', 'api']), folders)).toEqual([
		'web is built from https://github.com/x/web.git#main, which does not go with the commit: it gets what is there now, and nothing proves which version that is.',
	]);
	expect([...unprovenServices(after, { changes }, 'tool', folders)]).toEqual(['tool', 'web', 'worker']);
});

test('an image that is built from elsewhere is not noted to be of the commit', () => {
	const script = `${rolloutScript}
image_id() { echo sha256:1; }
build_key() { echo key; }
id() { echo 1000; }
state_dir=$1 tree_commit=c run_id=r plan_unproven=web
note_built tree web shop-web && note_built tree api shop-api && cat "$1/built"`;
	const folder = mkdtempSync(join(tmpdir(), 'backout-built-'));
	try {
		expect(spawnSync('sh', ['-c', script, 'sh', folder], { encoding: 'utf8' }).stdout).toBe('sha256:1 c api key r\n');
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('a folder that the files of a commit name by its absolute path is none of the tree of that commit', () => {
	const services = {
		web: { build: { context: '/srv/shop/web' } },
		api: { build: { context: '/tmp/passage/root/srv/shop/api' } },
		beside: { build: { context: '/tmp/passage/root/srv/beside' } },
	};
	const tree = parseModel(JSON.stringify({ name: 'shop', services }));
	expect([...contextsInPlace(tree.services, '/srv/shop')]).toEqual(['/srv/shop/web']);
});
