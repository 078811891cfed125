import { messageOf } from '../../runbook/errors.ts';
import type { Precondition } from '../../runbook/plan.ts';
import type { ProcedureDefinition } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { lastLine, runReadOnlyScript, type ScriptPlace } from '../../services/runner/client/read-only-script.ts';

/** The services that a run interrupts, and what keeps the run from starting where they are not known. */
export interface Interrupted {
	readonly services: readonly string[];
	readonly preconditions: readonly Precondition[];
}

/**
 * Finds what a procedure interrupts: the services that it names, or those that its script prints for the chosen inputs. Where the
 * script fails or prints nothing, that is a precondition that is not met: nobody starts a run without knowing what it interrupts.
 */
export const readInterrupted = async (
	place: ScriptPlace,
	{ interrupts, interruptsScript }: Pick<ProcedureDefinition, 'interrupts' | 'interruptsScript'>,
	chosen: Readonly<Record<string, string>>,
	signal?: AbortSignal,
): Promise<Interrupted> => {
	if (interruptsScript === undefined) {
		return { services: interrupts, preconditions: [] };
	}
	const unknown = (detail: string): Interrupted => ({
		services: [],
		preconditions: [
			{ id: 'interrupts', title: 'What it interrupts is known', state: 'unknown', detail, script: interruptsScript },
		],
	});
	try {
		const { code, stdout, stderr } = await runReadOnlyScript(place, interruptsScript, {
			purpose: 'find what it interrupts',
			environment: chosen,
			signal,
		});
		const services = [...new Set(stdout.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
		return code === 0 && services.length > 0
			? { services, preconditions: [] }
			: unknown(maskSecrets(lastLine(stderr, stdout)) || 'its script names no service');
	} catch (error) {
		signal?.throwIfAborted();
		return unknown(messageOf(error));
	}
};
