/** Matches the text after a value in the instruction of a `RUN`: the next argument, or the shell. */
const next = /^ (?:\/|[A-Za-z_]\w*=)/;

/**
 * Says whether one instruction shows the value of a build argument; undefined: it does not. The builders write what was given only before
 * the command of a `RUN`: `RUN |2 NAME=VALUE OTHER=VALUE /bin/sh -c …`, without RUN by the older one; nothing is quoted. `ARG NAME=VALUE` has the
 * Dockerfile's own default, whatever was given (seen with Docker 28). An environment variable of the same name comes before the argument.
 */
const showsValue = (instruction: string, name: string, value: string): boolean | undefined => {
	const variable = /^(?:\/bin\/sh -c #\(nop\)\s+)?ENV (.*)$/s.exec(instruction)?.[1];
	if (variable?.startsWith(`${name}=`) === true) {
		return variable === `${name}=${value}`;
	}
	const given = /^(?:RUN )?\|\d+( .*)$/s.exec(instruction)?.[1] ?? '';
	const at = given.indexOf(` ${name}=`);
	const after = given.slice(at + name.length + 2);
	return at < 0 ? undefined : after.startsWith(value) && next.test(after.slice(value.length));
};

/**
 * True if the history of an image proves that it was built with this value of a build argument: at least one instruction of the last stage
 * shows it, and none shows another one. What only earlier stages use is not in the history, and is not proven.
 *
 * @param history the instructions, as `docker history --no-trunc` prints them
 */
export const wasBuiltWith = (history: readonly string[], name: string, value: string | null | undefined): boolean => {
	const shown = history.map((one) => showsValue(one, name, value ?? '')).filter((one) => one !== undefined);
	return shown.length > 0 && shown.every(Boolean);
};
