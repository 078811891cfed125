import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { cancel } from '../../src/commands/cancel.ts';
import { continueRun } from '../../src/commands/continue.ts';
import { deploy } from '../../src/commands/deploy.ts';
import { guard } from '../../src/commands/guard.ts';
import { plan } from '../../src/commands/plan.ts';
import { printTarget } from '../../src/commands/print-target.ts';
import { prune } from '../../src/commands/prune.ts';
import { restoreTest } from '../../src/commands/restore-test.ts';
import { retry } from '../../src/commands/retry.ts';
import { runProcedure } from '../../src/commands/run.ts';
import { unblock } from '../../src/commands/unblock.ts';
import { undo } from '../../src/commands/undo.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-'));
});
afterEach(() => {
	vi.restoreAllMocks();
	rmSync(folder, { recursive: true, force: true });
});

// Nothing listens there: a command that connects to the host ends as unreachable.
const target = (name: string) => `  ${name}: { host: 'root@127.0.0.1:1', directory: /srv/app }\n`;
const config = (text: string) => {
	const file = join(folder, 'backout.yaml');
	writeFileSync(file, text);
	return { config: file };
};
const two = `targets:\n${target('crash')}${target('gateway')}`;
const input = {};

const changing: Readonly<
	Record<string, (globals: { readonly config: string; readonly target?: string }) => Promise<number>>
> = {
	run: (globals) => runProcedure(globals, 'verify', { yes: true, input }),
	undo: (globals) => undo(globals, 'last', { yes: true }),
	retry: (globals) => retry(globals, 'last', { yes: true }),
	cancel: (globals) => cancel(globals, 'last', {}),
	continue: (globals) => continueRun(globals, 'last', {}),
	unblock: (globals) => unblock(globals, undefined, { reason: 'x' }),
	prune: (globals) => prune(globals, { yes: true }),
	deploy: (globals) => deploy(globals, undefined, { undo: true, input, yes: true }),
	'verify --backups': (globals) => restoreTest(globals, {}),
	guard: (globals) => guard(globals, { for: '1m', procedure: 'rollback-commit', input, yes: true }),
};

describe.each(Object.entries(changing))('%s', (_name, command) => {
	it('guesses no target: of several without a default it names them, and contacts none', async () => {
		await expect(command(config(two))).rejects.toMatchObject({
			code: 'usage',
			message: 'the config has 2 targets and no default; give one with --target: crash, gateway',
		});
	});

	it.each([
		['that is named', two, { target: 'gateway' }],
		['that is the default', `default: gateway\n${two}`, {}],
		['that is the only one', `targets:\n${target('crash')}`, {}],
	])('goes to the target %s', async (_what, text, more) => {
		await expect(command({ ...config(text), ...more })).rejects.toMatchObject({ code: 'unreachable' });
	});
});

it('what only looks takes the first', async () => {
	await expect(plan(config(two), 'verify', { input })).rejects.toMatchObject({ code: 'unreachable' });
});

it('the output of a run begins with target, host and badge', () => {
	const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
	const session = { target: { name: 'crash', badge: 'production' }, host: { name: 'root@203.0.113.7' } };
	printTarget(session as unknown as Session);
	expect(written.mock.calls.join('')).toBe('on crash (root@203.0.113.7)  PRODUCTION\n');
});
