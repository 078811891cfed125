import { plural } from '../../components/figures.ts';
import { type Line, span } from '../../components/line.ts';
import { preformatted } from '../../components/preformatted.ts';
import type { Plan } from '../../runbook/plan.ts';
import { functionsCalledBy } from '../../runbook/script-values.ts';
import type { Fold } from '../folds/fold.ts';
import { valueRows } from './plan-paragraph.ts';

/** Returns the functions that the steps call, and the values of their variables: the rest of what will run. */
export const commandFolds = (plan: Plan, width: number, library: string): Fold[] => {
	if (plan.steps.length === 0) {
		return [];
	}
	const functions = functionsCalledBy(
		plan.steps.map(({ script }) => script),
		library,
	);
	const values = Object.entries(plan.environment);
	return [
		...(functions.length === 0
			? []
			: [
					{
						id: 'functions',
						head: [[span(` ▸ ${plural(functions.length, 'function')} that the steps call`, 'strong')] as Line],
						body: functions.flatMap(({ text }) => preformatted(text, width, '   ')),
						section: true,
					},
				]),
		{
			id: 'values',
			head: [[span(` ▸ ${plural(values.length, 'value')} that the commands get`, 'strong')] as Line],
			body: valueRows(values, width, '   '),
			section: true,
		},
	];
};
