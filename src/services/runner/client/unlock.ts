import type { UnlockNote } from '../../../runbook/unlock-note.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import onDisk from '../host/on-disk.sh';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import appendTo from './append-to.sh';

/** The engine's part of giving up a lock. */
export interface GiveUp {
	/** A script that deletes the lock (`EngineShell.giveUpLock`). */
	readonly script: string;
	readonly environment: Readonly<Record<string, string>>;
}

/**
 * Gives up the lock of a run on another host that is gone for good, and notes on this host who did it and why. Throws BackoutError: `refused`
 * on a read-only connection, when that run does not have the lock, and while its host is heard of; and what `runScript` throws.
 */
export const giveUpLock = async (
	host: Host,
	options: StateOptions,
	{ script, environment }: GiveUp,
	note: UnlockNote,
	signal?: AbortSignal,
): Promise<void> => {
	assertWritable(host, 'giving up the lock of a run');
	await runScript(host, script, {
		purpose: 'give up the lock of that run',
		environment,
		variables: { lost_run: note.run },
		// It may look for 45 s whether the lock is renewed, between calls that may take 25 s each.
		timeoutMs: 180_000,
		signal,
	});
	await runScript(host, 'locate_state; create_state; append_to "$state/unlocked" "$state/unlocked"', {
		purpose: 'note who gave up the lock, which is free now',
		prelude: [onDisk, locateState, createState, appendTo],
		variables: { ...stateValues(options), line: JSON.stringify(note) },
		signal,
	});
};
