import { checkFile } from '../services/files/files.ts';
import { findConfig } from '../services/files/find-config.ts';
import type { GlobalOptions } from './context.ts';
import { masked, print, printJson, safe } from './print.ts';

/** `backout check`: validates a config or a runbook; throws a config error that lists every problem. */
export const check = async (
	globals: GlobalOptions,
	file: string | undefined,
	options: { readonly json?: boolean },
): Promise<number> => {
	const checked = checkFile(file ?? findConfig({ config: globals.config, cwd: process.cwd(), env: process.env }));
	if (options.json === true) {
		printJson(masked({ type: 'checked', ...checked }));
	} else {
		print(safe(`${checked.file} is a valid ${checked.kind}: ${checked.summary}`));
	}
	return 0;
};
