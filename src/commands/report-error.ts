import { ConfigError } from '../runbook/config-error.ts';
import { BackoutError, messageOf } from '../runbook/errors.ts';
import { withOwnCommands } from '../runbook/own-command.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { exitCodeOf } from './exit-code.ts';
import { dim, indent, masked, printError, printJson, red, safe, safeLines } from './print.ts';

/**
 * Prints on standard error what failed, where, why and what to do next, and returns the exit code. With `json` also an object on
 * standard output, so that a script need not read prose.
 */
export const reportError = (error: unknown, json: boolean): number => {
	const known = error instanceof BackoutError ? error : undefined;
	const message = messageOf(error);
	debugLog()?.error('command', error);
	const next = known?.next === undefined ? undefined : withOwnCommands(known.next);
	const code = known === undefined ? 1 : exitCodeOf[known.code];
	if (json) {
		printJson(
			masked({
				type: 'error',
				code: known?.code ?? 'failed',
				message,
				host: known?.host ?? null,
				next: next ?? null,
				...(known?.run !== undefined && { run: known.run }),
				...(error instanceof ConfigError && { problems: error.problems }),
				exitCode: code,
			}),
		);
	}
	const where = known?.host === undefined ? '' : ` (${safe(known.host)})`;
	printError(`${red('backout:')} ${safeLines(message)}${where}`);
	if (known?.output !== undefined && known.output !== '') {
		printError(`${dim(indent(safeLines(known.output.trimEnd())))}`);
	}
	if (next !== undefined) {
		printError(`  ${safeLines(next).replaceAll('\n', '\n  ')}`);
	}
	if (known === undefined && error instanceof Error && process.env.BACKOUT_DEBUG !== undefined) {
		printError(`${error.stack}`);
	}
	return code;
};
