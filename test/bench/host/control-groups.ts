import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/**
 * Gives played containers real control groups, where Docker has them, so that their counters are read like those of real ones. Does
 * nothing where this user may not: then the program reads each container's statistics from the engine.
 *
 * @returns a function that removes them
 */
export const makeControlGroups = (ids: readonly string[]): (() => void) => {
	const isSecond = existsSync(join(root, 'cgroup.controllers'));
	const parents = (isSecond ? ['docker'] : ['memory/docker', 'cpuacct/docker']).map((name) => join(root, name));
	const folders = parents.flatMap((parent) => ids.map((id) => join(parent, id)));
	try {
		for (const parent of parents) {
			mkdirSync(parent, { recursive: true });
		}
		for (const controlled of isSecond ? [root, ...parents] : []) {
			writeFileSync(join(controlled, 'cgroup.subtree_control'), '+memory');
		}
		for (const folder of folders) {
			mkdirSync(folder);
		}
	} catch (error) {
		process.stderr.write(`no control groups for the containers: ${(error as Error).message}\n`);
	}
	return () => {
		for (const folder of folders.filter(existsSync)) {
			rmdirSync(folder);
		}
	};
};
