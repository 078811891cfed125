import type { PlanPreview } from '../../runbook/plan.ts';
import type { ProcedureDefinition } from '../../runbook/runbook.ts';
import { keepScriptShell } from '../../services/host/script-shell.ts';
import type { ScriptPlace } from '../../services/runner/client/read-only-script.ts';
import { readPreview } from './make-plan.ts';

/** A choice that is selected, and not taken yet. */
export interface SelectedChoice {
	/** Name of the input. */
	readonly input: string;
	readonly value: string;
}

/** Reads what the runbook shows beside the choices of an input: what this one would change. Changes nothing. Masked. */
export const choicePreviews = (
	place: ScriptPlace,
	{ previews }: Pick<ProcedureDefinition, 'previews'>,
	{ input, value }: SelectedChoice,
	signal?: AbortSignal,
): Promise<readonly PlanPreview[]> => {
	keepScriptShell(place.host);
	return Promise.all(
		previews
			.filter(({ choice }) => choice === input)
			.map((preview) => readPreview(place, preview, { [input]: value }, signal)),
	);
};
