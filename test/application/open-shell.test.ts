import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { openShell } from '../../src/application/runs/open-shell.ts';
import type { ExecEnd, Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { listShells } from '../../src/services/runner/runner.ts';
import { ownTerminal } from '../../src/terminal/lent-terminal.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';
import { reportOf, run } from '../report/fixture.ts';

let folder: string;
let host: LocalHost;
const asked: string[] = [];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'backout-shell-'));
	asked.length = 0;
});
afterEach(async () => {
	await host.close();
	await rm(folder, { recursive: true });
});

const place = { id: 'c0ffee', name: 'shop-web-1', service: 'web' };
const never = new AbortController().signal;

/** A session on this machine, where a command in a terminal ends so. */
const session = (end: ExecEnd | Error, readOnly = false) => {
	host = new LocalHost({ readOnly });
	const runInTerminal: Host['runInTerminal'] = async (command) => {
		asked.push(command);
		if (end instanceof Error) {
			throw end;
		}
		return end;
	};
	const engine = createMemoryEngine();
	const target = { name: 'shop', directory: folder, state: join(folder, 'state') };
	return { host: Object.assign(host, { runInTerminal }), engine, target, readOnly } as unknown as Session;
};
const open = async (of: Session) => {
	const { said, noted } = await openShell(of, place, ownTerminal(), never);
	await noted;
	return said;
};
const notes = ({ target }: Session) => listShells(host, target, never);

describe('a shell in a container', () => {
	test('is in the journal of the host with its beginning and its end, and in the report of a run near it', async () => {
		const on = session({ code: 0, lost: false });
		expect(await open(on)).toBe('The shell in shop-web-1 was open for 0s.');
		expect(asked).toEqual(['exec env INSTANCE=c0ffee sh']);
		const [begun, ended] = await notes(on);
		expect(begun).toMatchObject({ container: 'shop-web-1', service: 'web', who: { user: expect.any(String) } });
		expect(begun).not.toHaveProperty('endedAfterMs');
		expect(ended).toMatchObject({ id: begun?.id, endedAfterMs: expect.any(Number) });
		const who = { user: 'ana', machine: 'laptop' };
		const at = run.startedAt - 60_000;
		const told = reportOf(run, {
			shells: [
				{ id: 'a', at, who, container: 'shop-web-1', service: 'web' },
				{ id: 'a', at: at + 150_000, who, container: 'shop-web-1', service: 'web', endedAfterMs: 150_000 },
				{ id: 'b', at: at - 9_000_000, who, container: 'shop-db-1', service: 'db' },
			],
		}).timeline.map(({ what }) => what);
		expect(told).toContain('A shell was opened in shop-web-1 (web) by ana@laptop');
		expect(told).toContain('The shell of ana@laptop in shop-web-1 ended after 2m');
		expect(told.join()).not.toContain('shop-db-1');
	});

	test('is read back, although other lines are damaged: cut off, not a note, without what makes it one', async () => {
		const on = session({ code: 0, lost: false });
		await open(on);
		const [begun] = await notes(on);
		const damaged = [
			JSON.stringify(begun).slice(0, -9),
			'null',
			'[]',
			JSON.stringify({ ...begun, container: undefined }),
			JSON.stringify({ ...begun, at: 'yesterday' }),
		];
		const other = { ...begun, id: 'other', who: null, endedAfterMs: 'long', more: true };
		await appendFile(join(folder, 'state', 'shells'), `${[...damaged, JSON.stringify(other)].join('\n')}\n`);
		const read = await notes(on);
		expect(read.map(({ id }) => id)).toEqual([begun?.id, begun?.id, 'other']);
		// Whatever is wrong with a field that a note can do without, somebody has opened a shell.
		expect(read[2]).toEqual({ ...begun, id: 'other', who: { user: 'unknown', machine: 'unknown' } });
	});

	test.each([
		[{ code: undefined, lost: true }, 'the link was lost'],
		[{ code: undefined, signal: 'SIGKILL', lost: false }, 'killed by SIGKILL'],
	])('that did not end by itself is said and noted: %o', async (end, words) => {
		const on = session(end);
		expect(await open(on)).toBe(`The shell in shop-web-1 was open for 0s: ${words}.`);
		expect((await notes(on)).at(-1)).toMatchObject({ end: words });
	});

	test('that the image does not have is not said to have been open', async () => {
		const on = session({ code: 127, lost: false });
		expect(await open(on)).toBe('There is no shell in shop-web-1: the image has no shell.');
		expect((await notes(on)).at(-1)).toMatchObject({ end: 'the image has no shell' });
	});

	test('is not tried in a simulated container, and nothing is written', async () => {
		const on = { ...session({ code: 0, lost: false }), noShell: 'the containers of the demo are simulated' };
		await expect(open(on)).rejects.toThrow('the containers of the demo are simulated');
		expect(asked).toEqual([]);
		await expect(readFile(join(folder, 'state', 'shells'))).rejects.toMatchObject({ code: 'ENOENT' });
	});

	test('that could not be opened is noted, too', async () => {
		const on = session(new Error('the SSH server gives no terminal'));
		await expect(open(on)).rejects.toThrow('the SSH server gives no terminal');
		expect((await notes(on)).at(-1)?.end).toBe('it could not be opened: the SSH server gives no terminal');
	});

	test('is refused where nothing may be changed, and nothing is written', async () => {
		const on = session({ code: 0, lost: false }, true);
		await expect(open(on)).rejects.toMatchObject({ code: 'refused' });
		expect(asked).toEqual([]);
		await expect(readFile(join(folder, 'state', 'shells'))).rejects.toMatchObject({ code: 'ENOENT' });
	});

	test('takes no id that would be more than a word of a command', async () => {
		const on = session({ code: 0, lost: false });
		await expect(openShell(on, { ...place, id: 'a; reboot' }, ownTerminal(), never)).rejects.toThrow(TypeError);
	});
});
