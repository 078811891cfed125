import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shellMissing, shellPath, shells } from '../../runner/shells.ts';

const functions = readFileSync(join(import.meta.dirname, '../../../src/engines/compose/start-order.sh'), 'utf8');

// proxy joins the network of app, probe the one of proxy (Docker follows both), logger the processes of app; db nothing.
const stubs = `
containers_of() { printf '%s\n' db probe logger proxy app; }
engine() {
	for id; do :; done
	case $id in
		proxy) echo 'container:app private private' ;;
		probe) echo 'container:proxy private private' ;;
		logger) echo 'bridge container:app private' ;;
		*) echo 'bridge private private' ;;
	esac
}
`;

describe.each(shells.filter((shell) => shellMissing(shell) === undefined))('in %s', (shell) => {
	test('what joins a namespace of a container, or of one that does, comes after it', () => {
		const joined = (ids: string) => {
			const { stdout, status, stderr } = spawnSync(shellPath(shell), [...(shell === 'busybox' ? ['sh'] : []), '-s'], {
				input: `${functions}\n${stubs}\nknown=mine\njoining '${ids}'\necho "$known"\n`,
				encoding: 'utf8',
			});
			expect(status, stderr).toBe(0);
			return stdout.trim().split('\n');
		};
		// The caller's variables are its own.
		expect(joined('app')).toEqual(['logger', 'proxy', 'probe', 'mine']);
		expect(joined('app\nproxy')).toEqual(['probe', 'logger', 'mine']);
		expect(joined('db')).toEqual(['mine']);
	});
});
