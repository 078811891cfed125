import { type RestorePoint, readRestorePointsEverywhere } from '../application/restore/restore-points.ts';
import { type GlobalOptions, lookInSession, sayMissing } from './context.ts';
import { bold, dim, green, masked, print, printJson, red, safe, table, yellow } from './print.ts';
import { outcomeText } from './runs.ts';

/** Formats a size. */
export const sizeLabel = (bytes: number): string =>
	bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

/** Returns a restore point for the JSON output. */
export const restorePointJson = ({ run, ...point }: RestorePoint) => ({
	run: run.id,
	procedure: run.procedure,
	title: run.title,
	at: run.startedAt,
	state: run.state,
	...(run.verdict !== undefined && { verdict: run.verdict }),
	...(run.node !== undefined && { node: run.node }),
	...point,
});

/** Returns a table with a line per restore point. */
export const restorePointTable = (points: readonly RestorePoint[]): string =>
	table(
		points.map(({ run, commit, branch, keeps, gone, bytes, knownGood }) => [
			run.id,
			new Date(run.startedAt).toISOString().replace('T', ' ').slice(0, 19),
			`before ${bold(safe(run.procedure))}`,
			commit === undefined
				? 'no commit'
				: `${safe(commit.slice(0, 10))} ${branch === undefined ? '(detached)' : safe(branch)}`,
			knownGood ? green('✓ known good') : dim('not known'),
			outcomeText(run),
			sizeLabel(bytes),
			`${run.node === undefined ? '' : `${yellow(`on ${safe(run.node)}`)}  `}${gone.length === 0 ? dim(safe(keeps.join(', '))) : red(safe(`images gone: ${gone.join(', ')}`))}`,
		]),
	);

/** `backout restore-points`: lists what was saved before each run on any host of the target, newest first. */
export const restorePoints = (globals: GlobalOptions, options: { readonly json?: boolean }): Promise<number> =>
	lookInSession(globals, async (session, signal) => {
		const { points, missing } = await readRestorePointsEverywhere(session, signal);
		sayMissing(session, 'the restore points', missing, options.json === true);
		if (options.json === true) {
			for (const point of points) {
				printJson(masked({ type: 'restore-point', ...restorePointJson(point) }));
			}
		} else {
			const none =
				missing.length === 0
					? 'no restore point has been saved on this target yet'
					: 'no restore point has been saved on the hosts that answer';
			print(points.length === 0 ? none : restorePointTable(points));
		}
		return 0;
	});
