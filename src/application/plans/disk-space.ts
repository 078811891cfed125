import type { EngineShell } from '../../engine/shell.ts';
import { changes } from '../../runbook/risk.ts';
import { defaultRunLimits } from '../../runbook/run-limits.ts';
import type { PreconditionDefinition, ProcedureDefinition, Target } from '../../runbook/runbook.ts';
import type { ScriptPlace } from '../../services/runner/client/read-only-script.ts';

/** The id of the built-in precondition for disk space on the host. No runbook's precondition has it. */
export const diskSpaceId = 'room';

/** Fewer free inodes than this count as a full disk. */
const leastInodes = 500;

/** The precondition that the host has enough disk space for what a run writes. */
export const diskSpacePrecondition = (
	{ shell }: { readonly shell: EngineShell },
	target: Target,
): PreconditionDefinition => ({
	id: diskSpaceId,
	title: 'Enough disk space',
	// It is part of the plan, and checked again by the run, so its two numbers are in its text.
	script: `wanted=${Math.ceil((target.runs ?? defaultRunLimits).freeBytes / 1024)} inodes=${leastInodes}\n${shell.diskSpace}`,
});

/** Returns the procedure with the precondition for disk space, unless it says that it needs none or changes nothing. */
export const withDiskSpaceCheck = (
	procedure: ProcedureDefinition,
	{ engine, target }: Pick<ScriptPlace, 'engine' | 'target'>,
): ProcedureDefinition =>
	procedure.steps.length > 0 && (procedure.needsRoom ?? changes(procedure))
		? { ...procedure, preconditions: [...procedure.preconditions, diskSpacePrecondition(engine, target)] }
		: procedure;
