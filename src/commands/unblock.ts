import { unblock as unblockVersion } from '../application/runs/unblock.ts';
import { versionName } from '../runbook/block.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { bold, masked, print, printJson, safe } from './print.ts';

export interface UnblockOptions {
	readonly reason: string;
	readonly json?: boolean;
}

/** `backout unblock`: allows a version that was rolled back to be deployed again. */
export const unblock = (
	globals: GlobalOptions,
	version: string | undefined,
	options: UnblockOptions,
): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const block = await unblockVersion(session, version, options.reason, signal);
		if (options.json === true) {
			if (block !== undefined) {
				printJson(masked({ type: 'unblocked', target: session.target.name, ...block }));
			}
		} else if (block === undefined) {
			print('no version is blocked');
		} else {
			const why = block.reason === '' ? '' : ` (${block.reason})`;
			print(`${bold(safe(versionName(block)))} may be deployed again; run ${block.run} had rolled it back${safe(why)}`);
		}
		return 0;
	});
