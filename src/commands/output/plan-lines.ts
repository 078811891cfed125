import * as z from 'zod';
import { flag, risk, text } from '../../runbook/shapes/basics.ts';
import { confirmation, planFields } from '../../runbook/shapes/plan.ts';
import { line } from './line.ts';

/** Lines about a procedure's inputs and its plan. */
export const planLines = {
	procedure: line('procedure', 'A procedure of the runbook', {
		id: text('Its id'),
		title: text('Its title'),
		group: text('Its group in the menu'),
		when: text('When to use it'),
		risk: risk.describe('Its risk'),
		inputs: z
			.array(
				z.strictObject({
					name: text('Name of the input'),
					title: text('Its title'),
					type: z.enum(['commit', 'image', 'file', 'service', 'text']).describe('Type of the value'),
					required: flag('Nothing is taken by itself'),
				}),
			)
			.describe('Inputs'),
		verify: z.array(z.string()).describe('Ids of the checks afterwards'),
		confirmation,
	}),
	inputs: line('inputs', 'The live choices for each input', {
		procedure: text('Id of the procedure'),
		inputs: z
			.array(
				z.strictObject({
					name: text('Name of the input'),
					title: text('Its title'),
					preset: text('Value to use if none is given; missing: a value is required').optional(),
					choices: z
						.array(
							z.strictObject({
								value: text('The value'),
								label: text('Label, shown first'),
								detail: text('Details'),
								marks: z
									.array(z.string())
									.describe('`current`, `good` (passed verification), `bad`, or a mark of the runbook'),
							}),
						)
						.describe('Choices on the host'),
					reason: text('Why there are no choices').optional(),
				}),
			)
			.describe('Each input'),
	}),
	plan: line('plan', 'Exactly what would run', { ...planFields, confirmation }),
} as const;
