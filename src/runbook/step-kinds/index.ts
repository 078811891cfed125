import { approval } from './approval.ts';
import { manual } from './manual.ts';
import { run } from './run.ts';
import type { StepKindDefinition } from './step-kind.ts';
import { wait } from './wait.ts';

/** Every kind of step, by its name in plans. To add one, add a file here and a line below. */
export const stepKinds = {
	run,
	wait,
	manual,
	approval,
} satisfies Readonly<Record<string, StepKindDefinition>>;

export type StepKind = keyof typeof stepKinds;

/** Returns the definition of a step's kind. */
export const stepKindOf = ({ kind }: { readonly kind: StepKind }): StepKindDefinition => stepKinds[kind];

/** True for a step that waits for another operator's approval. */
export const isApproval = (step: { readonly kind: StepKind }): boolean => stepKindOf(step).supervised === 'approval';

/** True for a step that waits for an operator's answer, or for an approval. */
export const isManual = (step: { readonly kind: StepKind }): boolean =>
	stepKindOf(step).supervised === 'manual' || isApproval(step);
