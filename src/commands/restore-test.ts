import type { Session } from '../application/fleet/session.ts';
import { planFor } from '../application/plans/plan-for.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { ProcedureDefinition } from '../runbook/runbook.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { runPlan } from './run.ts';
import type { VerifyOptions } from './verify.ts';

/** Returns the procedure of a kind. Throws `usage` if the runbook has none, or several. */
export const onlyOfKind = (
	{ target }: Pick<Session, 'target'>,
	kind: NonNullable<ProcedureDefinition['kind']>,
): ProcedureDefinition => {
	const [first, ...more] = target.runbook.procedures.filter((procedure) => procedure.kind === kind);
	if (first === undefined) {
		throw new BackoutError('usage', `the runbook of ${target.name} has no procedure of the kind ${kind}`, {
			next: `write one into the runbook, with \`kind: ${kind}\`: docs/runbooks.md has an example`,
		});
	}
	if (more.length > 0) {
		const ids = [first, ...more].map(({ id }) => id).join(', ');
		throw new BackoutError(
			'usage',
			`the runbook of ${target.name} has several procedures of the kind ${kind}: ${ids}`,
			{
				next: 'leave one of them, or run one by its id: `backout run PROCEDURE`',
			},
		);
	}
	return first;
};

/**
 * `backout verify --backups`: restores the newest backup beside the live database, by the runbook's procedure of the kind restore-test.
 * It asks nothing, so that cron can start it.
 */
export const restoreTest = (globals: GlobalOptions, options: VerifyOptions): Promise<number> => {
	if (options.wait !== undefined || options.now === true) {
		throw new BackoutError('usage', '--backups restores a backup and runs no checks: leave out --wait and --now');
	}
	return withSession(globals, async (session, signal) => {
		const procedure = onlyOfKind(session, 'restore-test');
		const plan = await planFor(session, procedure.id, {}, { signal, previews: false });
		return runPlan(session, plan, { json: options.json === true }, signal);
	});
};
