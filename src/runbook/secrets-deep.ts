import type { Masked } from './masked.ts';
import type { InputOffer, Plan } from './plan.ts';
import { formsPattern } from './secret-forms.ts';
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

/** Shorter values appear everywhere by chance: a port, a flag. */
const shortest = 6;
/** Common values that are not secrets, whatever setting has them. */
const plain = /^(?:\d+(?:\.\d+)*|false|password|passwd|changeme|disabled|required|localhost|\/[\w./-]*|\$\{?\w+\}?)$/i;

/** Returns the values of a plan whose names mark them as secret, the longest first; values that are too short to recognise are left out. */
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

const patterns = new WeakMap<readonly string[], RegExp | undefined>();
const patternOf = (known: readonly string[]): RegExp | undefined => {
	if (!patterns.has(known)) {
		patterns.set(known, formsPattern(known));
	}
	return patterns.get(known);
};

/** Masks what `maskSecrets` masks, and these values everywhere, in each of their forms (`formsPattern`). */
export const maskText = (text: string, known: readonly string[] = []): Masked<string> =>
	maskSecrets(text, patternOf(known));

/** Returns a value with all its strings masked (`maskText`). Keys stay. */
export const maskDeep = <T>(value: T, known: readonly string[] = []): Masked<T> =>
	walk(value, (text) => maskText(text, known)) as Masked<T>;

/** Returns a plan that may be shown, printed and copied: its secrets are masked everywhere in it. */
export const shownPlan = (plan: Plan): Masked<Plan> => maskDeep(maskPlan(plan), secretValues(plan));

/** Returns an input's choices for display: all are masked if the input's name marks it as secret. */
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

/** Returns a value with its strings masked, also by the names of its fields, and errors as their text. */
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

/** Returns fields for a log, as JSON can hold them: strings masked (`maskText`), completely under a secret name; errors as their stack. */
export const maskFields = (
	fields: Readonly<Record<string, unknown>>,
	known: readonly string[],
): Masked<Readonly<Record<string, unknown>>> => maskField(fields, known) as Masked<Readonly<Record<string, unknown>>>;
