import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { App } from '../../../src/app.tsx';
import { renderFullScreen } from '../../../src/components/full-screen.tsx';
import type { TerminalOutput } from '../../../src/terminal/terminal-output.ts';
import { createFakeFleet } from '../../screens/fake-fleet.ts';
import { createFakeWorkspace } from '../../screens/fake-workspace.ts';
import { measureHotPath } from './measured.ts';

// The dashboard at 120×40 over made-up readings: one row of the containers changes, from the reading to what the terminal is given.

let written = () => {};
const output = Object.assign(new EventEmitter(), {
	isTTY: true,
	columns: 120,
	rows: 40,
	write: (_: string, done?: () => void) => {
		written();
		done?.();
		return true;
	},
});
const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {}, ref: () => {}, unref: () => {} });
const fake = createFakeWorkspace({ now: Date.now() });
const screen = renderFullScreen(
	<App
		fleet={createFakeFleet([fake])}
		initial={{ kind: 'target', name: fake.workspace.target.name }}
		onExit={() => {}}
	/>,
	{ output: output as TerminalOutput, input: input as unknown as NodeJS.ReadStream, patchConsole: false },
);
await screen.ink.waitUntilRenderFlush();
const turn = () => new Promise((resolve) => setImmediate(resolve));

const { containers } = fake.stores;
const result = await measureHotPath(Number(process.argv[2]), async (number) => {
	const shown = new Promise<void>((resolve) => {
		written = resolve;
	});
	containers.update((reading) => ({
		...reading,
		value: reading.value?.map((one) => (one.service === 'postgres' ? { ...one, cpuPercent: (number % 90) + 1 } : one)),
	}));
	await shown;
	await turn();
});
await screen.close();
console.log(JSON.stringify(result));
process.exit(0);
