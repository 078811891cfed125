import { BackoutError } from './errors.ts';
import type { Problem } from './problem.ts';

/**
 * `file:line:column: message`, the form that editors and terminals turn into a link; a name that would break the line (an `extends:`
 * may say anything) has `?` for what does.
 */
export const formatProblem = ({ file, line, column, message }: Problem): string =>
	`${file.replaceAll(/\p{Cc}|\u2028|\u2029/gu, '?')}:${line}:${column}: ${message}`;

/** Everything that is wrong in the files that were read, in reading order and without repetition. */
export class ConfigError extends BackoutError {
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[]) {
		const files = [...new Set(problems.map(({ file }) => file))];
		const unique = new Map(problems.map((problem) => [formatProblem(problem), problem]));
		const sorted = [...unique.values()].sort(
			(a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
		);
		super('config', sorted.map(formatProblem).join('\n'));
		this.name = 'ConfigError';
		this.problems = sorted;
	}
}
