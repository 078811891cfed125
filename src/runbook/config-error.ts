import { BackoutError } from './errors.ts';
import type { Problem } from './problem.ts';

/**
 * Formats a problem as `file:line:column: message`, which editors and terminals turn into a link. Characters that would break the line
 * become `?`: a name (from `extends:`) may contain anything.
 */
const formatProblem = ({ file, line, column, message }: Problem): string =>
	`${file.replaceAll(/\p{Cc}|\u2028|\u2029/gu, '?')}:${line}:${column}: ${message}`;

/** All problems of the files that were read, in reading order and without repetition. */
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
