/** A YAML flow scalar: JSON's strings are YAML's (YAML 1.2.2, 1.3). Plain where nothing can be taken for something else. */
export const scalar = (text: string): string =>
	/^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
		? text
		: JSON.stringify(text);

/** A text as a runbook's value: what would be replaced there stands for itself. */
export const literal = (text: string): string => scalar(text.replaceAll('${', () => '$${'));

/** Lines of YAML, each indented and ended. */
export const indented = (lines: readonly string[], by: string): string =>
	lines.map((line) => `${by}${line}\n`).join('');
