import { readFileSync, writeFileSync } from 'node:fs';
import { onHost } from './compose.ts';
import { waitFor } from './processes.ts';
import type { LabInfo } from './types.ts';

/** Waits until a container has restarted by itself; throws after a minute. */
export async function crashLoops(info: LabInfo, container = 'trading-engine'): Promise<void> {
	const args = ['inspect', '--format', '{{.RestartCount}}', container];
	const loops = await waitFor(async () => Number(await onHost(info, 'docker', ...args)) > 0, 60_000);
	if (!loops) throw new Error(`${container} was expected to crash and does not`);
}

/** Waits until a container's log has a text; throws after a minute and a half. */
export async function logSays(info: LabInfo, container: string, text: string): Promise<void> {
	const script = 'docker logs "$1" 2>&1 | grep -q -F -- "$2"';
	const says = () =>
		onHost(info, 'sh', '-c', script, 'sh', container, text).then(
			() => true,
			() => false,
		);
	if (!(await waitFor(says, 90_000, 200))) throw new Error(`${container} was expected to say: ${text}`);
}

/** Waits until /health answers with a status; 0 means that it gives no answer in a second. Throws after 20 seconds. */
export async function healthSays(info: LabInfo, status: number): Promise<void> {
	const so = await waitFor(async () => {
		try {
			const url = `http://127.0.0.1:${info.ports.health}/health`;
			return (await fetch(url, { signal: AbortSignal.timeout(1000) })).status === status;
		} catch {
			return status === 0;
		}
	}, 20_000);
	if (!so) throw new Error(`/health was expected to answer ${status} and does not`);
}

/** Replaces a text in a file, which must have it. */
export function edit(file: string, from: string | RegExp, to: string): void {
	const old = readFileSync(file, 'utf8');
	const changed = old.replace(from, to);
	if (changed === old) throw new Error(`${file} has no ${String(from)}`);
	writeFileSync(file, changed);
}
