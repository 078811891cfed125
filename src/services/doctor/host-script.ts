import quietGit from '../host/quiet-git.sh';
import { createState, locateState, stateValues } from '../runner/host/state-folder.ts';
import lookAtHost from './look-at-host.sh';
import lookAtRuns from './look-at-runs.sh';

/** The programs that the runner and the built-in runbooks call; packages as Debian names them. */
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
	docker: 'docker.io',
};

export const hostScriptValues = (options: { readonly directory: string; readonly state?: string }) => ({
	...stateValues(options),
	tools: Object.keys(tools).join(' '),
});

/** POSIX sh: prints what is on the host; see look-at-host.sh. */
export const hostScript: string = [locateState, createState, quietGit, lookAtRuns, lookAtHost].join('\n');
