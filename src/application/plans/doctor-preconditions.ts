import type { Finding } from '../../runbook/finding.ts';
import type { PreconditionDefinition, Target } from '../../runbook/runbook.ts';
import { keepScriptShell } from '../../services/host/script-shell.ts';
import type { ScriptPlace } from '../../services/runner/client/read-only-script.ts';
import { checkPrecondition } from './make-plan.ts';

/** A precondition with the ids of the procedures that need it. */
interface Needed {
	readonly precondition: PreconditionDefinition;
	readonly procedures: readonly string[];
}

const uses = (script: string, variable: string): boolean => new RegExp(`\\$\\{?${variable}\\b`).test(script);

/**
 * Returns the preconditions about the setup of a host, each once: they read no input, and no step makes them false (`once`). Those that
 * depend on a choice or on the current state are for the plan.
 */
const neededOf = ({ runbook }: Target): readonly Needed[] => {
	const found = new Map<string, Needed>();
	for (const { id, inputs, preconditions } of runbook.procedures) {
		for (const precondition of preconditions) {
			const { script, once } = precondition;
			if (once === true || inputs.some(({ name }) => uses(script, name))) {
				continue;
			}
			const procedures = [...(found.get(script)?.procedures ?? []), id];
			found.set(script, { precondition, procedures });
		}
	}
	return [...found.values()];
};

/**
 * Checks the runbook's own preconditions for `backout doctor`, with the login that would run its procedures. One that is not met is a
 * warning with the procedures that need it; the rest are counted in one finding. Changes nothing on the host.
 */
export const checkPreconditions = async (place: ScriptPlace, signal: AbortSignal): Promise<readonly Finding[]> => {
	keepScriptShell(place.host);
	const looked = await Promise.all(
		neededOf(place.target).map(async ({ precondition, procedures }) => ({
			procedures,
			...(await checkPrecondition(place, precondition, {}, signal)),
		})),
	);
	const met = looked.filter(({ state }) => state === 'passed').length;
	const base = { where: 'host' } as const;
	return [
		...(met > 0
			? [
					{
						...base,
						id: 'preconditions',
						title: 'Preconditions',
						state: 'ok',
						found: `${met} of ${looked.length} met`,
					} as const,
				]
			: []),
		...looked
			.filter(({ state }) => state !== 'passed')
			.map(
				({ id, title, state, detail, procedures }): Finding => ({
					...base,
					id: `precondition-${id}`,
					title,
					state: state === 'failed' ? 'warn' : 'unknown',
					found: detail === '' ? 'not met' : detail,
					fix: `Until then these procedures are refused: ${procedures.join(', ')}.`,
				}),
			),
	];
};
