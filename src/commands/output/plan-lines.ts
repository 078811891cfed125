import * as z from 'zod';
import { flag, risk, text } from '../../runbook/shapes/basics.ts';
import { confirmation, planFields } from '../../runbook/shapes/plan.ts';
import { line } from './line.ts';

/** What a procedure asks, and what it would do. */
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
					type: z.enum(['commit', 'image', 'file', 'text']).describe('What kind of thing it is'),
					required: flag('Nothing is taken by itself'),
				}),
			)
			.describe('What is chosen before'),
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
					preset: text('What is taken when none is given; missing: one must be').optional(),
					choices: z
						.array(
							z.strictObject({
								value: text('The value'),
								label: text('What an operator reads first'),
								detail: text('More of it'),
								marks: z
									.array(z.string())
									.describe('`current`, `good` (verification has passed on it), `bad`, or what the runbook says'),
							}),
						)
						.describe('What there is on the host'),
					reason: text('Why there are no choices').optional(),
				}),
			)
			.describe('Each input'),
	}),
	plan: line('plan', 'Exactly what would run', { ...planFields, confirmation }),
} as const;
