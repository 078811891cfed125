import type { Plan, ResolvedInput } from './plan.ts';

/** One input of a procedure that is planned for several targets. */
export interface ComparedInput {
	readonly name: string;
	readonly title: string;
	/** True when every target has the same value. */
	readonly same: boolean;
	/** In the order of the plans; undefined where a plan has no such input. */
	readonly values: readonly { readonly target: string; readonly input: ResolvedInput | undefined }[];
}

/** Compares the inputs of one procedure that is planned for several targets: a preset may be another value on each. */
export const compareInputs = (plans: readonly Pick<Plan, 'target' | 'inputs'>[]): readonly ComparedInput[] => {
	const titles = new Map(plans.flatMap(({ inputs }) => inputs.map(({ name, title }) => [name, title] as const)));
	return [...titles].map(([name, title]) => {
		const values = plans.map(({ target, inputs }) => ({ target, input: inputs.find((one) => one.name === name) }));
		return { name, title, values, same: new Set(values.map(({ input }) => input?.value)).size === 1 };
	});
};
