/** Returns a YAML flow scalar: JSON's strings are YAML's (YAML 1.2.2, 1.3). Unquoted if it cannot be mistaken for anything else. */
export const scalar = (text: string): string =>
	/^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
		? text
		: JSON.stringify(text);

/** Returns a text as a runbook's value, with its variables escaped. */
export const literal = (text: string): string => scalar(text.replaceAll('${', () => '$${'));

/** Returns lines of YAML, each indented and ended. */
export const indented = (lines: readonly string[], by: string): string =>
	lines.map((line) => `${by}${line}\n`).join('');
