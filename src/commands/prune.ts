import { type PruneRule, planPrune, pruneRestorePoints } from '../application/restore-points.ts';
import { parseDuration } from '../runbook/duration.ts';
import { BackoutError } from '../runbook/errors.ts';
import { askLine } from './ask-operator.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { print, printJson, safe } from './print.ts';
import { restorePointJson, restorePointTable } from './restore-points.ts';

export interface PruneOptions {
	readonly keep?: string;
	readonly olderThan?: string;
	readonly yes?: boolean;
	readonly json?: boolean;
}

const usualKeep = 10;

const ruleOf = ({ keep, olderThan }: PruneOptions): PruneRule => {
	if (olderThan !== undefined) {
		const olderThanMs = parseDuration(olderThan);
		if (olderThanMs === undefined) {
			throw new BackoutError('usage', `${JSON.stringify(olderThan)} is no duration`, {
				next: 'write it as 12h or 30d',
			});
		}
		return { olderThanMs };
	}
	if (keep !== undefined && !/^\d{1,6}$/.test(keep)) {
		throw new BackoutError('usage', `${JSON.stringify(keep)} is no number of restore points`, {
			next: 'write --keep 10',
		});
	}
	return { keep: keep === undefined ? usualKeep : Number(keep) };
};

/** `backout prune`: drops old restore points. Asks first, unless `--yes`; without a terminal to ask on it refuses. */
export const prune = async (globals: GlobalOptions, options: PruneOptions): Promise<number> => {
	const rule = ruleOf(options);
	return withSession(globals, async (session, signal) => {
		const json = options.json === true;
		const { drop, keep } = await planPrune(session, rule, signal);
		if (json) {
			for (const point of drop) {
				printJson({ type: 'drop', ...restorePointJson(point) });
			}
		} else if (drop.length > 0) {
			print(restorePointTable(drop));
		}
		if (drop.length === 0) {
			if (!json) {
				print(`nothing to drop; ${keep.length} kept`);
			}
			return 0;
		}
		if (options.yes !== true) {
			const mayAsk = process.stdin.isTTY === true && process.stderr.isTTY === true && !json;
			const answer = mayAsk
				? await askLine(`Drop these ${drop.length} and keep ${keep.length} on ${safe(session.target.name)}? y or N: `)
				: '';
			if (answer.trim().toLowerCase() !== 'y') {
				throw new BackoutError('refused', 'dropping restore points was not confirmed', {
					host: session.host.name,
					next: 'nothing was changed; answer y, or give --yes',
				});
			}
		}
		const dropped = await pruneRestorePoints(session, drop, signal);
		for (const { run, left } of dropped) {
			if (json) {
				printJson({ type: 'dropped', run, left });
			} else {
				print(`dropped ${run}${left === '' ? '' : `, except ${safe(left)}`}`);
			}
		}
		return 0;
	});
};
