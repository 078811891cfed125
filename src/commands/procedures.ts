import { confirmationFor } from '../runbook/risk.ts';
import { type GlobalOptions, openTarget } from './context.ts';
import { bold, dim, masked, print, printJson, safe } from './print.ts';

/** `backout procedures`: lists the procedures of the target. Contacts nothing. */
export const procedures = async (globals: GlobalOptions, options: { readonly json?: boolean }): Promise<number> => {
	const { target } = await openTarget(globals);
	if (options.json === true) {
		for (const { id, title, group, when, risk, inputs, verify } of target.runbook.procedures) {
			printJson(
				masked({
					type: 'procedure',
					id,
					title,
					group,
					when,
					risk,
					inputs: inputs.map((input) => ({
						name: input.name,
						title: input.title,
						type: input.type,
						required: input.preset === 'none',
					})),
					verify,
					confirmation: confirmationFor(risk, target.name),
				}),
			);
		}
		return 0;
	}
	let group: string | undefined;
	for (const procedure of target.runbook.procedures) {
		if (procedure.group !== group) {
			group = procedure.group;
			print(bold(safe(group)));
		}
		const names = procedure.inputs.map(({ name, preset }) => (preset === 'none' ? name : `[${name}]`)).join(' ');
		print(
			`  ${bold(procedure.id)}  ${safe(procedure.title)}  ${dim([procedure.risk, names].filter(Boolean).join(', '))}`,
		);
		print(`      ${safe(procedure.when)}`);
	}
	return 0;
};
