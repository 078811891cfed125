import { procedureOf } from '../application/plans/make-plan.ts';
import { inputOffers } from '../application/plans/resolve-inputs.ts';
import { shownOffer } from '../runbook/secrets-deep.ts';
import { type GlobalOptions, lookInSession } from './context.ts';
import { bold, dim, masked, print, printJson, safe, table } from './print.ts';

/** `backout inputs`: prints the live choices on the host for each input of a procedure. */
export const inputs = (globals: GlobalOptions, id: string, options: { readonly json?: boolean }): Promise<number> =>
	lookInSession(globals, async (session, signal) => {
		const offers = (await inputOffers(session, procedureOf(session.target, id), signal)).map(shownOffer);
		if (options.json === true) {
			printJson(masked({ type: 'inputs', procedure: id, inputs: offers }));
			return 0;
		}
		if (offers.length === 0) {
			print(`${id} takes no inputs`);
		}
		for (const { name, title, choices, preset, reason } of offers) {
			print(`${bold(name)}: ${safe(title)}`);
			if (reason !== undefined) {
				print(`  ${safe(reason)}`);
			}
			print(
				table(
					choices.map(({ value, label, detail, marks }) => [
						`  ${value === preset ? '*' : ' '} ${bold(safe(label))}`,
						safe(detail),
						safe(marks.join(', ')),
						dim(safe(value)),
					]),
				),
			);
			if (preset !== undefined) {
				print(dim('  * the default when no value is given'));
			}
		}
		return 0;
	});
