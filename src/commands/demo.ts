import { type IncidentName, incidentNames, incidentOf } from '../../demo/deployment/incidents.ts';
import { createGuide } from '../../demo/guide.ts';
import { openDemo } from '../../demo/open.ts';
import { BackoutError } from '../runbook/errors.ts';
import { ownCommand, withConfig } from '../runbook/own-command.ts';
import type { GlobalOptions } from './context.ts';
import { afterScreen, masked, print, printJson } from './print.ts';

export interface DemoOptions {
	readonly serve?: boolean;
	readonly json?: boolean;
}

const untilSignal = (): Promise<void> =>
	new Promise((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.once(signal, () => resolve());
		}
	});

/**
 * `backout demo [INCIDENT]`: the dashboard on the embedded demo host, in front of an incident. With `--serve` no dashboard: it prints
 * the path of the demo's config and stays until it is ended, for commands and scripts.
 */
export const demo = async (globals: GlobalOptions, name: string, options: DemoOptions): Promise<number> => {
	if (globals.config !== undefined || globals.target !== undefined) {
		throw new BackoutError('usage', 'the demo uses its own config and target', {
			next: 'leave out --config and --target',
		});
	}
	const incident = incidentOf(name);
	if (incident === undefined) {
		throw new BackoutError('usage', `the demo has no incident ${JSON.stringify(name)}`, {
			next: `it has: ${incidentNames.join(', ')}`,
		});
	}
	const serve = options.serve === true;
	if (!serve && (process.stdout.isTTY !== true || process.stdin.isTTY !== true)) {
		throw new BackoutError('usage', 'the dashboard needs a terminal', {
			next: '`backout demo --serve` starts only the demo host, for other commands',
		});
	}
	const left = serve ? untilSignal() : undefined;
	// The dashboard is loaded while the demo host starts.
	const dashboard = serve ? undefined : import('../main.tsx');
	const opened = await openDemo(name as IncidentName);
	withConfig(opened.config);
	try {
		if (dashboard === undefined) {
			if (options.json === true) {
				printJson(masked({ type: 'demo', config: opened.config, incident: name }));
			} else {
				print(`The demo host runs until you stop it (ctrl-c). In another terminal:\n\n  ${ownCommand(['status'])}\n`);
			}
			await Promise.race([left, opened.ended]);
			return 0;
		}
		return await (await dashboard).dashboard(
			{ ...globals, config: opened.config },
			{
				guide: createGuide(incident),
				...afterScreen,
				hostStays: false,
				noShell: 'the containers of the demo are simulated',
			},
		);
	} finally {
		await opened.close();
	}
};
