import { spawnSync } from 'node:child_process';

/** The reason why no local users can be created here, if so. */
export const withoutUsers =
	process.getuid?.() !== 0
		? 'local users need root'
		: spawnSync('useradd', ['--help']).error !== undefined
			? 'there is no useradd'
			: undefined;
