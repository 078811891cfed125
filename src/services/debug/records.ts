import { BackoutError } from '../../runbook/errors.ts';
import { maskPlan } from '../../runbook/secrets.ts';
import { secretValues } from '../../runbook/secrets-deep.ts';
import type { DebugLog, DebugWriter } from './debug-log.ts';

/** Maximum number of an error's causes that are written. */
const maxCauses = 5;

const textOf = (error: unknown): unknown => (error instanceof Error ? error : String(error));

const causesOf = (error: unknown, most = maxCauses): readonly unknown[] =>
	error instanceof Error && error.cause !== undefined && most > 0
		? [textOf(error.cause), ...causesOf(error.cause, most - 1)]
		: [];

/** Returns a function that calls `write` only when its argument has changed. */
const onChange = (write: (fields: Readonly<Record<string, unknown>>) => void) => {
	let last: string | undefined;
	return (fields: Readonly<Record<string, unknown>>, compared: unknown = fields) => {
		const told = JSON.stringify(compared);
		if (told !== last) {
			last = told;
			write(fields);
		}
	};
};

/** Returns the functions that write config, plans, runs, checks and errors to the debug log. */
export const createRecords = (log: DebugWriter): Omit<DebugLog, keyof DebugWriter | 'host'> => {
	const error: DebugLog['error'] = (where, thrown) => {
		const known = thrown instanceof BackoutError ? thrown : undefined;
		log.write('error', {
			where,
			code: known?.code,
			next: known?.next,
			run: known?.run,
			output: known?.output,
			stack: textOf(thrown),
			causes: causesOf(thrown),
		});
	};
	return {
		error,
		config: (file, target) => {
			const { title, variables, verification, checks, procedures } = target.runbook;
			const runbook = {
				title,
				variables,
				verification,
				checks: checks.map(({ id, kind }) => `${id}: ${kind}`),
				procedures: procedures.map(({ id, risk }) => `${id}: ${risk}`),
			};
			log.write('config', { file, target: { ...target, runbook } });
		},
		plan: (made) => {
			log.addSecrets(secretValues(made));
			const { procedure, title, risk, inputs, preconditions, steps, expects, notes } = maskPlan(made);
			log.write('plan', {
				procedure,
				title,
				risk,
				inputs: inputs.map(({ name, value }) => `${name}=${value}`),
				preconditions: preconditions.map(({ id, state, detail }) => ({ id, state, detail })),
				steps: steps.map(({ id, kind, timeoutSeconds }) => ({ id, kind, timeoutSeconds })),
				expects,
				notes,
			});
		},
		runs: () => {
			const write = onChange((fields) => log.write('run', fields));
			return ({ id, state, steps, verified, gone }) =>
				write({
					id,
					state,
					steps: steps.map((step) => ({ id: step.id, state: step.state, exitCode: step.exitCode })),
					verdict: verified?.verdict,
					gone,
				});
		},
		checks: (of) => {
			const write = onChange((fields) => log.write('checks', fields));
			return (verification) => {
				if (verification !== undefined) {
					const { verdict, checks, final, reason } = verification;
					write(
						{ of, verdict, final, reason, checks: checks.map(({ id, state, reason }) => ({ id, state, reason })) },
						// Without the reason, whose times change constantly.
						[verdict, final, checks.map(({ id, state }) => [id, state])],
					);
				}
			};
		},
		failures: (where, functions) =>
			Object.fromEntries(
				Object.entries(functions).map(([name, value]: [string, unknown]) => [
					name,
					typeof value !== 'function'
						? value
						: (...given: readonly unknown[]) => {
								const result: unknown = Reflect.apply(value, functions, given);
								if (result instanceof Promise) {
									result.catch((thrown: unknown) => error(`${where} ${name}`, thrown));
								}
								return result;
							},
				]),
			) as typeof functions,
	};
};
