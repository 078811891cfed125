import {
	type PruneRule,
	planPrune,
	planRunPrune,
	pruneRestorePoints,
	pruneRuns,
} from '../application/restore/restore-points.ts';
import { parseDuration } from '../runbook/duration.ts';
import { BackoutError } from '../runbook/errors.ts';
import { askLine } from './ask-operator.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { bold, dim, masked, print, printJson, safe, table } from './print.ts';
import { restorePointJson, restorePointTable, sizeLabel } from './restore-points.ts';

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
			throw new BackoutError('usage', `${JSON.stringify(olderThan)} is not a duration`, {
				next: 'write it as 12h or 30d',
			});
		}
		return { olderThanMs };
	}
	if (keep !== undefined && !/^\d{1,6}$/.test(keep)) {
		throw new BackoutError('usage', `${JSON.stringify(keep)} is not a number of restore points`, {
			next: 'write --keep 10',
		});
	}
	return { keep: keep === undefined ? usualKeep : Number(keep) };
};

/**
 * `backout prune`: deletes the runs beyond the target's limits, and old restore points. With a rule for restore points it deletes only
 * those. Asks first, unless `--yes`; without a terminal to ask on it refuses.
 */
export const prune = async (globals: GlobalOptions, options: PruneOptions): Promise<number> => {
	const rule = ruleOf(options);
	return withSession(globals, async (session, signal) => {
		const json = options.json === true;
		const { drop, keep } = await planPrune(session, rule, signal);
		// A rule for restore points applies to those alone.
		const byLimits = options.keep === undefined && options.olderThan === undefined;
		const runs = byLimits ? await planRunPrune(session, signal) : [];
		const points = drop.filter(({ run }) => !runs.some((gone) => gone.run === run.id));
		if (json) {
			for (const run of runs) {
				printJson(masked({ type: 'drop-run', ...run }));
			}
			for (const point of points) {
				printJson(masked({ type: 'drop', ...restorePointJson(point) }));
			}
		} else {
			if (runs.length > 0) {
				print(bold('Runs, with their output, plan and restore point; the journal keeps their records'));
				print(table(runs.map(({ run, why, bytes }) => [run, sizeLabel(bytes), dim(safe(why))])));
			}
			if (points.length > 0) {
				print(bold('Restore points'));
				print(restorePointTable(points));
			}
		}
		if (points.length + runs.length === 0) {
			if (!json) {
				print(`nothing to delete; ${keep.length} restore points kept`);
			}
			return 0;
		}
		if (options.yes !== true) {
			const mayAsk = process.stdin.isTTY === true && process.stderr.isTTY === true && !json;
			const what = [
				...(runs.length > 0 ? [`${runs.length} runs`] : []),
				...(points.length > 0 ? [`${points.length} restore points`] : []),
			].join(' and ');
			const answer = mayAsk
				? await askLine(`Delete these ${what} on ${safe(session.target.name)}? y or N: `, signal)
				: '';
			if (answer.trim().toLowerCase() !== 'y') {
				throw new BackoutError('refused', 'the deletion was not confirmed', {
					host: session.host.name,
					next: 'nothing was changed; answer y, or give --yes',
				});
			}
		}
		const dropped = [
			...(runs.length > 0 ? await pruneRuns(session, runs, signal) : []),
			...(points.length > 0 ? await pruneRestorePoints(session, points, signal) : []),
		];
		for (const { run, left } of dropped) {
			if (json) {
				printJson(masked({ type: 'dropped', run, left }));
			} else {
				print(`dropped ${run}${left === '' ? '' : `, except ${safe(left)}`}`);
			}
		}
		return 0;
	});
};
