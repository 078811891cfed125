import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { startInPty } from '../helpers/pty.ts';
import { shellModes } from '../helpers/virtual-terminal.ts';

/** The part that throws, and the keys that open it; none: it is there from the start. */
const cases: readonly (readonly [name: string, ...keys: string[]])[] = [
	['createFleet'],
	['App'],
	['createTargetCache'],
	['Dashboard'],
	['startMonitors'],
	['OverlayView', 'ctrl-c'],
	['Help', '?'],
	['RunsScreen', 'r'],
	['ChecksScreen', '2', 'enter'],
	['ProcedureScreen', 'enter'],
	['FleetShell', 'T'],
];

test.each(cases)('%s throws: the program ends with the terminal whole, and says why', async (name, ...keys) => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-broken-'));
	const target = `{ host: local, directory: ${folder}, project: none }`;
	writeFileSync(join(folder, 'backout.yaml'), `targets:\n  first: ${target}\n  second: ${target}\n`);
	const pty = startInPty(
		'sh',
		[
			'-c',
			`"$0" --import "$1" "$2"; echo "ended $?"; stty -a | grep -o -e '-*icanon' -e '-*echo '`,
			process.execPath,
			join(import.meta.dirname, 'throw-where.mjs'),
			program,
		],
		{ cwd: folder, env: { SHELL: '/bin/sh', THROW_IN: name } },
	);
	onTestFinished(async () => {
		await pty.close();
		rmSync(folder, { recursive: true, force: true });
	});
	if (keys.length > 0) {
		await pty.waitFor('Procedures');
		await pty.waitFor(() => pty.modes().bracketedPaste);
		pty.press(...keys);
	}
	await pty.waitFor('ended 1');
	await pty.exited;
	const said = pty.screen().join('\n');
	expect(said).toContain(`the ship sinks in ${name}`);
	expect(said).toMatch(/^icanon$/m);
	expect(said).toMatch(/^echo/m);
	expect(pty.modes()).toMatchObject(shellModes);
});
