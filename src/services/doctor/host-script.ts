import quietGit from '../host/quiet-git.sh';
import { createState, locateState, stateValues } from '../runner/host/state-folder.ts';
import checkHost from './check-host.sh';
import checkRuns from './check-runs.sh';
import type { EngineLook } from './engine-look.ts';

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

/** POSIX sh: prints the facts about the host; see check-host.sh. */
export const hostScript = (engine: Pick<EngineLook, 'script'>): string =>
	[locateState, createState, quietGit, checkRuns, engine.script, checkHost].join('\n');
