import { formsPattern } from './secret-forms.ts';

const learned = new Set<string>();
let pattern: RegExp | undefined;

/**
 * Makes these values secret in every text that this process masks from now on, whoever shows it: evidence, errors, reasons, notices, lines
 * of `--json`.
 */
export const learnSecrets = (values: readonly string[]): void => {
	const before = learned.size;
	for (const value of values) {
		learned.add(value);
	}
	if (learned.size > before) {
		pattern = formsPattern([...learned]);
	}
};

/** Returns the expression for the learned secrets; undefined when there are none. */
export const learnedPattern = (): RegExp | undefined => pattern;
