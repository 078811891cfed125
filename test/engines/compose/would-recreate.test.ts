import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import deploymentScript from '../../../src/engines/compose/deployment.sh';
import engineScript from '../../../src/engines/docker/engine.sh';
import { exec } from '../../lab/exec.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-said-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `docker compose --dry-run up` writes of a container, by the release (docker/compose, pkg/progress and cmd/display). */
const writes: Readonly<Record<string, (name: string, word: string) => string>> = {
	'2.26': (name, word) => ` DRY-RUN MODE -  Container ${name}  ${word}`,
	'5.0': (name, word) => ` Container ${name} ${word} `,
	'5.5': (name, word) => ` DRY-RUN MODE -  Container ${name} ${word} `,
};

/** The words of the calls of Compose. */
const asked = (): readonly string[] =>
	readFileSync(join(folder, 'asked'), 'utf8')
		.split('\n')
		.filter((line) => line !== '');

/**
 * Says whether a plain `up -d` would recreate a service with one container, of which Docker says `facts`, and Compose writes these lines.
 *
 * @param fails Compose cannot say it for all services together
 */
const wouldRecreate = async (
	facts: string,
	lines: readonly string[],
	shell: string,
	ask = 'would_recreate web hash',
	fails = false,
): Promise<boolean> => {
	writeFileSync(join(folder, 'asked'), '');
	writeFileSync(join(folder, 'inspected'), '');
	writeFileSync(
		join(folder, 'docker'),
		`#!/bin/sh
case "$*" in
	ps*) echo id ;;
	inspect*) echo 'docker inspect' >>'${folder}/inspected'; echo '${facts}' ;;
	compose*)
		shift 3
		echo "$*" >>'${folder}/asked'
		printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >&2
		case "$*" in *never) exit ${fails ? 1 : 0} ;; esac
		;;
esac
`,
	);
	chmodSync(join(folder, 'docker'), 0o755);
	const { code } = await exec(shell, shell === 'busybox' ? ['sh', '-s'] : ['-s'], {
		env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, project: 'shop', directory: folder },
		input: `${engineScript}\n${deploymentScript}\n${ask}\n`,
	});
	return code === 0;
};

describe.each(['dash', 'bash', 'busybox'])('a plain `up -d`, asked under %s', (shell) => {
	test('recreates no container of the same hash and the image that Compose has noted', async () => {
		expect(await wouldRecreate('web|hash|noted|image|/shop-web-1', [], shell)).toBe(false);
	});

	test('asks Compose once for all services, and for each alone where one of them has no image', async () => {
		const lines = [writes['5.0']?.('shop-web-1', 'Recreate') ?? ''];
		const ask = 'would_recreate web hash && would_recreate web hash';
		expect(await wouldRecreate('web|before|noted|image|/shop-web-1', lines, shell, ask)).toBe(true);
		expect(asked()).toEqual(['--dry-run up --no-start --no-build --pull never']);
		expect(await wouldRecreate('web|before|noted|image|/shop-web-1', lines, shell, ask, true)).toBe(true);
		expect(asked().slice(1)).toEqual(Array(2).fill('--dry-run up --no-start --no-build --pull never -- web'));
	});

	test('asks Docker once for the containers of all services, and takes each for its own service', async () => {
		const facts =
			'web|hash|noted|image|/shop-web-1\nwe|before|noted|image|/shop-we-1\nw.b|before|noted|image|/shop-w.b-1';
		const lines = [writes['5.0']?.('shop-w.b-1', 'Recreate') ?? ''];
		const ask = '! would_recreate web hash && ! would_recreate we hash && would_recreate w.b hash';
		expect(await wouldRecreate(facts, lines, shell, ask)).toBe(true);
		expect(readFileSync(join(folder, 'inspected'), 'utf8')).toBe('docker inspect\n');
	});

	test.each(Object.entries(writes))('recreates those that Compose %s names, and no others', async (_, written) => {
		const other = [written('shop-web-10', 'Recreate'), written('shop-web-1', 'Running')];
		const own = [...other, written('shop-web-1', 'Recreate')];
		expect(await wouldRecreate('web|before|noted|image|/shop-web-1', other, shell)).toBe(false);
		expect(await wouldRecreate('web|before|noted|image|/shop-web-1', own, shell)).toBe(true);
		expect(await wouldRecreate('web|hash|other|image|/shop-web-1', own, shell)).toBe(true);
	});
});
