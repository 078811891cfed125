import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import type { Destination } from './destination.ts';

export interface ResolveContext {
	readonly env: NodeJS.ProcessEnv;
	/** Replaces the home folder of the current user. */
	readonly home?: string;
	readonly signal?: AbortSignal;
}

/** The output of `ssh -G`: keyword in lower case, value; some keywords appear more than once. */
export type SshDump = ReadonlyMap<string, readonly string[]>;

const runSshG = (args: readonly string[], context: ResolveContext): Promise<SshDump | undefined> =>
	new Promise((resolve, reject) => {
		const options = { env: context.env, timeout: 10_000, signal: context.signal, maxBuffer: 1 << 20 };
		execFile('ssh', args, options, (error, stdout, stderr) => {
			if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') {
				resolve(undefined);
				return;
			}
			if (error) {
				const why = error.killed ? 'no answer within 10 s' : stderr.trim() || error.message;
				reject(
					context.signal?.aborted
						? context.signal.reason
						: new BackoutError('config', `ssh cannot read its configuration: ${why}`, {
								next: `Try it by hand: \`ssh ${args.join(' ')}\`.`,
								cause: error,
							}),
				);
				return;
			}
			const dump = new Map<string, string[]>();
			for (const line of stdout.split('\n')) {
				const space = line.indexOf(' ');
				if (space > 0) {
					const key = line.slice(0, space);
					dump.set(key, [...(dump.get(key) ?? []), line.slice(space + 1)]);
				}
			}
			resolve(dump);
		}).stdin?.end();
	});

/**
 * Reads ssh's configuration for a host with `ssh -G`; undefined if no `ssh` is installed here. For a home that is not the user's own, the
 * configuration file in it is read. Throws a BackoutError `config` if ssh rejects its configuration or does not answer within 10 s, and the
 * signal's reason when aborted.
 *
 * @param configFile replaces ssh's own files (-F)
 */
export const askSsh = async (
	destination: Destination,
	configFile: string | undefined,
	context: ResolveContext,
): Promise<SshDump | undefined> => {
	const args: string[] = [];
	if (configFile !== undefined) {
		args.push('-F', configFile);
	} else if (context.home !== undefined) {
		const file = join(context.home, '.ssh', 'config');
		args.push('-F', existsSync(file) ? file : 'none');
	}
	args.push('-G');
	if (destination.user !== undefined) {
		args.push('-l', destination.user);
	}
	if (destination.port !== undefined) {
		args.push('-p', String(destination.port));
	}
	return runSshG([...args, '--', destination.host], context);
};
