import { type Block, parseBlocks, type Version } from '../../../runbook/block.ts';
import type { Masked } from '../../../runbook/masked.ts';
import type { Operator } from '../../../runbook/run.ts';
import { maskSecrets } from '../../../runbook/secrets.ts';
import { sanitiseText } from '../../../terminal/sanitise.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import appendTo from '../client/append-to.sh';
import { gitAsOwner } from '../host/git-as-owner.ts';
import onDisk from '../host/on-disk.sh';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import activeBlocks from './active-blocks.sh';
import blockScript from './block-version.sh';
import readScript from './read-blocks.sh';
import sayBlocked from './say-blocked.sh';
import unblockScript from './unblock-version.sh';

/** POSIX sh: `active_blocks STATE` and `say_blocked COMMIT IMAGES`, for scripts that respect blocks on the host. */
export const blockedFunctions: string = [activeBlocks, sayBlocked].join('\n');

const prelude = [onDisk, locateState, createState, appendTo] as const;

/** Maximum length of a reason in the file, characters. */
const longestReason = 500;

const operatorLabel = ({ user, machine }: Operator): string => oneField(`${user}@${machine}`);

/** Returns text as one field of a line: no tab, no line end, nothing that controls a terminal. */
const oneField = (text: string): string => sanitiseText(text.replaceAll(/\s+/g, ' ')).trim().slice(0, longestReason);

/** Reads the blocks that hold now, oldest first. Creates nothing on the host. */
export const readBlocks = async (
	host: Host,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<readonly Block[]> => {
	const { stdout } = await runScript(host, readScript, {
		purpose: 'read which versions are blocked',
		prelude: [locateState, activeBlocks],
		variables: stateValues(options),
		signal,
	});
	return parseBlocks(stdout);
};

/** What a verified run has changed, for the blocks. */
export interface VerifiedDeployment {
	readonly run: string;
	readonly who: Operator;
	readonly reason: Masked<string>;
	/** What was deployed before, and is not any more; undefined: nothing is to be blocked. */
	readonly rolledBack: Version | undefined;
	/** The commit that is deployed now, where it is known. */
	readonly commit: string | undefined;
	/** How long the block lasts, ms. */
	readonly blockMs: number;
	/** Runs whose blocks are lifted, whatever is deployed. */
	readonly lift: readonly string[];
}

/**
 * Records on the host that a version was rolled back, unless what is deployed now is newer by its commit; and lifts the blocks of versions
 * that the deployed commit has in its history.
 */
export const noteVerifiedDeployment = async (
	host: Host,
	options: StateOptions,
	{ run, who, reason, rolledBack, commit, blockMs, lift }: VerifiedDeployment,
): Promise<void> => {
	assertWritable(host, 'blocking a version');
	await runScript(host, blockScript, {
		purpose: 'note which version was rolled back',
		prelude: [gitAsOwner, ...prelude, activeBlocks],
		variables: {
			...stateValues(options),
			run,
			by: operatorLabel(who),
			reason: oneField(reason),
			seconds: String(Math.ceil(blockMs / 1000)),
			old_commit: rolledBack?.commit ?? '',
			old_images: rolledBack?.images.join(',') ?? '',
			new_commit: commit ?? '',
			lift: lift.join('\n'),
		},
	});
};

/** Lifts blocks, by the runs that made them. */
export const liftBlocks = async (
	host: Host,
	options: StateOptions,
	runs: readonly string[],
	{ who, reason }: { readonly who: Operator; readonly reason: string },
	signal?: AbortSignal,
): Promise<void> => {
	assertWritable(host, 'unblocking a version');
	await runScript(host, unblockScript, {
		purpose: 'unblock the version',
		prelude: [...prelude],
		variables: {
			...stateValues(options),
			runs: runs.join('\n'),
			by: operatorLabel(who),
			reason: oneField(maskSecrets(reason)),
		},
		signal,
	});
};
