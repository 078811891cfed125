import quietGit from '../host/quiet-git.sh';
import activeBlocks from '../runner/blocked/active-blocks.sh';
import { locateState } from '../runner/host/state-folder.ts';
import hostFacts from './host-facts.sh';

/** POSIX sh: prints commit, verdicts, backups and disk in parts; see host-facts.sh. */
export const hostFactsScript: string = [locateState, activeBlocks, quietGit, hostFacts].join('\n');

export interface Part {
	readonly exitCode: number;
	readonly lines: readonly string[];
}

/** Splits the output into parts; text before the first (noise of a login) is dropped. */
export const splitParts = (output: string): ReadonlyMap<string, Part> => {
	const parts = new Map<string, Part>();
	let name: string | undefined;
	let lines: string[] = [];
	for (const line of output.split('\n')) {
		const [, end, begin] = /^== (?:exit (\d+)|(\w+))$/.exec(line) ?? [];
		if (begin !== undefined) {
			name = begin;
			lines = [];
		} else if (end !== undefined && name !== undefined) {
			parts.set(name, { exitCode: Number(end), lines });
			name = undefined;
		} else if (line !== '') {
			lines.push(line);
		}
	}
	return parts;
};
