import { planFor } from '../application/plans/plan-for.ts';
import { fromMasked, type Masked } from '../runbook/masked.ts';
import type { Plan } from '../runbook/plan.ts';
import { confirmationFor } from '../runbook/risk.ts';
import { shownPlan } from '../runbook/secrets-deep.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { stepLibrary } from '../services/runner/client/run-folder.ts';
import { type GlobalOptions, lookInSession } from './context.ts';
import type { Output } from './output/events.ts';
import { planText } from './plan-text.ts';
import { printJson, printMasked } from './print.ts';

/** Returns the plan as a line of JSON output, secrets masked. */
export const planLine = (plan: Plan): Masked<Output> =>
	fromMasked(
		shownPlan(plan),
		(shown): Output => ({
			type: 'plan',
			...shown,
			confirmation: confirmationFor(plan.risk, plan.target),
		}),
	);

/** `backout plan`: prints exactly what would run. 0 when it could be started now, 4 when a precondition is not met. */
export const plan = (
	globals: GlobalOptions,
	procedure: string,
	options: {
		readonly json?: boolean;
		readonly input: Readonly<Record<string, string>>;
		readonly allow?: readonly string[];
		/** True: prints every command with its values, and every excerpt in full. */
		readonly full?: boolean;
	},
): Promise<number> =>
	lookInSession(globals, async (session, signal) => {
		const made = await planFor(session, procedure, options.input, { signal, allowed: options.allow });
		debugLog()?.plan(made);
		if (options.json === true) {
			printJson(planLine(made));
		} else {
			const library = stepLibrary(session.engine.shell);
			const given = Object.keys(options.input);
			printMasked(planText(made, { full: options.full === true, library, given }));
		}
		return made.preconditions.every(({ state }) => state === 'passed') ? 0 : 4;
	});
