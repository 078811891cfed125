import { manual } from './manual.ts';
import { run } from './run.ts';
import type { StepKindDefinition } from './step-kind.ts';
import { wait } from './wait.ts';

/** Every kind of step, by its name in plans. To add one, add a file here and a line below. */
export const stepKinds = {
	run,
	wait,
	manual,
} satisfies Readonly<Record<string, StepKindDefinition>>;

export type StepKind = keyof typeof stepKinds;

/** Returns the definition of a step's kind. */
export const stepKindOf = ({ kind }: { readonly kind: StepKind }): StepKindDefinition => stepKinds[kind];

/** True for a step that waits for an operator's answer. */
export const isManual = (step: { readonly kind: StepKind }): boolean => stepKindOf(step).supervised === 'manual';
