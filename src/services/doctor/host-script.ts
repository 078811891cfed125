import quietGit from '../host/quiet-git.sh';
import { createState, locateState, stateValues } from '../runner/host/state-folder.ts';
import type { EngineLook } from './engine-look.ts';
import lookAtHost from './look-at-host.sh';
import lookAtRuns from './look-at-runs.sh';

/** The programs that the runner and the built-in runbooks call, with the names of their Debian packages. */
export const tools: Readonly<Record<string, string>> = {
	setsid: 'util-linux',
	flock: 'util-linux',
	timeout: 'coreutils',
	stat: 'coreutils',
	mkfifo: 'coreutils',
	cksum: 'coreutils',
	tail: 'coreutils',
	awk: 'mawk',
	sed: 'sed',
	grep: 'grep',
	find: 'findutils',
	gzip: 'gzip',
	git: 'git',
};

export const hostScriptValues = (
	options: { readonly directory: string; readonly state?: string },
	engine: Pick<EngineLook, 'tools'>,
) => ({
	...stateValues(options),
	tools: Object.keys({ ...tools, ...engine.tools }).join(' '),
});

/** POSIX sh: prints the facts about the host; see look-at-host.sh. */
export const hostScript = (engine: Pick<EngineLook, 'script'>): string =>
	[locateState, createState, quietGit, lookAtRuns, engine.script, lookAtHost].join('\n');
