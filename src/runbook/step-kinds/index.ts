import { manual } from './manual.ts';
import { run } from './run.ts';
import type { StepKindDefinition } from './step-kind.ts';
import { wait } from './wait.ts';

/** Every kind of step, by its name in plans. One more is one more file here and one more line. */
export const stepKinds = {
	run,
	wait,
	manual,
} satisfies Readonly<Record<string, StepKindDefinition>>;

export type StepKind = keyof typeof stepKinds;

/** The kind of a step of a plan. */
export const stepKindOf = ({ kind }: { readonly kind: StepKind }): StepKindDefinition => stepKinds[kind];

/** Whether a step waits for an operator to answer it. */
export const isManual = (step: { readonly kind: StepKind }): boolean => stepKindOf(step).supervised === 'manual';
