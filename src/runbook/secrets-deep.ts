import type { Masked } from './masked.ts';
import type { InputOffer, Plan } from './plan.ts';
import { isSecretName } from './secret-names.ts';
import { mask, maskPlan, maskSecrets } from './secrets.ts';

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const walk = (value: unknown, text: (text: string) => string): unknown => {
	if (typeof value === 'string') {
		return text(value);
	}
	if (isList(value)) {
		return value.map((item) => walk(item, text));
	}
	return typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, text)]))
		: value;
};

/** Shorter ones are found everywhere by chance: a port, a flag. */
const shortest = 6;
/** No secrets, whatever they are the value of, and found in many a text. */
const plain = /^(?:\d+(?:\.\d+)*|false|password|passwd|changeme|disabled|required|localhost|\/[\w./-]*|\$\{?\w+\}?)$/i;

/** The values of a plan that its own names call secret, the longest first; what is too short to be told apart is left out. */
export const secretValues = (plan: Pick<Plan, 'environment' | 'inputs'>): readonly string[] =>
	[
		...Object.entries(plan.environment),
		...plan.inputs.flatMap(({ name, value, label }) => [
			[name, value],
			[name, label],
		]),
	]
		.filter(([name = '', value = '']) => isSecretName(name) && value.length >= shortest && !plain.test(value))
		.map(([, value = '']) => value)
		.sort((a, b) => b.length - a.length);

/** Masks a text: what looks like a secret, and the known secrets wherever they stand. */
export const maskText = (text: string, known: readonly string[] = []): Masked<string> =>
	known.reduce<string>(
		(masked, secret) => masked.replaceAll(secret, () => mask(secret)),
		maskSecrets(text),
	) as Masked<string>;

/** The value with all its strings masked (`maskText`). Keys stay. */
export const maskDeep = <T>(value: T, known: readonly string[] = []): Masked<T> =>
	walk(value, (text) => maskText(text, known)) as Masked<T>;

/** The plan as it may be shown, printed and copied: nothing of its secrets, wherever in it they stand. */
export const shownPlan = (plan: Plan): Masked<Plan> => maskDeep(maskPlan(plan), secretValues(plan));

/** The choices of an input as they may be shown: all of them masked where the name of the input says that it is a secret. */
export const shownOffer = (offer: InputOffer): InputOffer => {
	const text = isSecretName(offer.name) ? mask : maskSecrets;
	return {
		...offer,
		...(offer.preset !== undefined && { preset: text(offer.preset) }),
		choices: offer.choices.map(({ value, label, detail, marks }) => ({
			value: text(value),
			label: text(label),
			detail: text(detail),
			marks,
		})),
	};
};

/** The value with its strings masked, also by the names of its fields, and errors as their text. */
const maskField = (value: unknown, known: readonly string[]): unknown => {
	if (typeof value === 'string') {
		return maskText(value, known);
	}
	if (value instanceof Error) {
		return maskText(value.stack ?? value.message, known);
	}
	if (Array.isArray(value)) {
		return value.map((item) => maskField(item, known));
	}
	if (typeof value !== 'object' || value === null) {
		return typeof value === 'bigint' ? String(value) : value;
	}
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [
			name,
			typeof item === 'string' && isSecretName(name) ? mask(item) : maskField(item, known),
		]),
	);
};

/** Fields for a log, as JSON takes them: strings masked (`maskText`), those with a secret name whole; errors as their stack. */
export const maskFields = (
	fields: Readonly<Record<string, unknown>>,
	known: readonly string[],
): Masked<Readonly<Record<string, unknown>>> => maskField(fields, known) as Masked<Readonly<Record<string, unknown>>>;
