import { changes } from '../../../runbook/risk.ts';
import { defaultRunLimits } from '../../../runbook/run-limits.ts';
import type { PreconditionDefinition, ProcedureDefinition, Target } from '../../../runbook/runbook.ts';
import diskSpaceScript from './disk-space.sh';

/** The id of the built-in precondition that there is room on the host. No runbook's precondition has it. */
export const diskSpaceId = 'room';

/** Fewer free inodes than this are as bad as no free block. */
const leastInodes = 500;

/** The precondition that the host has room for what a run writes there. */
export const diskSpacePrecondition = (target: Target): PreconditionDefinition => ({
	id: diskSpaceId,
	title: 'Enough disk space',
	// Part of the plan, and checked again by the run: its two numbers are in its text.
	script: `wanted=${Math.ceil((target.runs ?? defaultRunLimits).freeBytes / 1024)} inodes=${leastInodes}\n${diskSpaceScript}`,
});

/** The procedure with the precondition that there is room, unless it says that it needs none or only looks. */
export const withDiskSpaceCheck = (procedure: ProcedureDefinition, target: Target): ProcedureDefinition =>
	procedure.steps.length > 0 && (procedure.needsRoom ?? changes(procedure))
		? { ...procedure, preconditions: [...procedure.preconditions, diskSpacePrecondition(target)] }
		: procedure;
