import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { runningPid, startDaemon, stopByPidFile } from './processes.ts';

const program = join(import.meta.dirname, 'watchdog.ts');

/** True while the other server watches this one. */
export const watchdogRuns = (at: Layout): boolean => runningPid(at.watchdogPid, 'node') !== null;

/** Starts the other server's watchdog over this one (watchdog.ts); its log is in the lab's log folder. */
export function startWatchdog(at: Layout): void {
	if (watchdogRuns(at)) return;
	const pid = startDaemon(process.execPath, [program, at.dir], join(at.logs, 'watchdog.log'));
	writeFileSync(at.watchdogPid, String(pid));
}

/** Ends it, if it runs. */
export async function stopWatchdog(at: Layout): Promise<void> {
	await stopByPidFile(at.watchdogPid, 'node', 5000);
}
