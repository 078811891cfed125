import { BackoutError } from '../../runbook/errors.ts';
import type { ProcedureDefinition, Target } from '../../runbook/runbook.ts';

/**
 * Returns the procedure of a kind. Throws `usage` if the runbook has none, or several.
 *
 * @param id chooses one of several
 */
export const onlyOfKind = (
	{ name, runbook }: Target,
	kind: NonNullable<ProcedureDefinition['kind']>,
	id?: string,
): ProcedureDefinition => {
	const [first, ...more] = runbook.procedures.filter((one) => one.kind === kind && (id === undefined || one.id === id));
	if (first === undefined) {
		throw new BackoutError(
			'usage',
			`the runbook of ${name} has no procedure ${id === undefined ? '' : `${JSON.stringify(id)} `}of the kind ${kind}`,
			{
				next: `write one into the runbook, with \`kind: ${kind}\`: docs/runbooks.md has an example`,
			},
		);
	}
	if (more.length > 0) {
		const ids = [first, ...more].map(({ id }) => id).join(', ');
		throw new BackoutError('usage', `the runbook of ${name} has several procedures of the kind ${kind}: ${ids}`, {
			next: 'name one of them, or leave only one in the runbook',
		});
	}
	return first;
};
