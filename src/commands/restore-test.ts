import { onlyOfKind } from '../application/plans/of-kind.ts';
import { planFor } from '../application/plans/plan-for.ts';
import { BackoutError } from '../runbook/errors.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { runPlan } from './run.ts';
import type { VerifyOptions } from './verify.ts';

/**
 * `backout verify --backups`: restores the newest backup beside the live database, by the runbook's procedure of the kind restore-test.
 * It asks nothing, so that cron can start it.
 */
export const restoreTest = (globals: GlobalOptions, options: VerifyOptions): Promise<number> => {
	if (options.wait !== undefined || options.now === true) {
		throw new BackoutError('usage', '--backups restores a backup and runs no checks: leave out --wait and --now');
	}
	return withSession(globals, async (session, signal) => {
		const procedure = onlyOfKind(session.target, 'restore-test');
		const plan = await planFor(session, procedure.id, {}, { signal, previews: false });
		return runPlan(session, plan, { json: options.json === true }, signal);
	});
};
