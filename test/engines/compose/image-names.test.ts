import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isMoving } from '../../../src/engines/compose/image-names.ts';
import movingTagsScript from '../../../src/engines/compose/moving-tags.sh';
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
