import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { deployedState } from './deployed-state.ts';

const out = async (script: string) => (await hostExec(script)).stdout.trim();

/** Id, state, restart policy and networks of the engine's container. */
const engineNow = () =>
	out(
		`docker inspect --format '{{.Id}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}{{range $n, $_ := .NetworkSettings.Networks}} {{$n}}{{end}}' trading-engine`,
	);

/** Lists files that the owner of the deployment could no longer change. */
const ofOthers = () =>
	out('find . -path ./state -prune -o -path ./logs -prune -o ! -user abstractfinance -print | sort');

const agreed = ['--yes', '--reason', 'drill'];

/** Not root: the account whose the deployment is, with the group that may use Docker. */
describe.skipIf(withoutLab)('with the login of the deployment’s owner', () => {
	let place: Workplace;
	const run = (...args: string[]) => place.run('--target', 'owner', ...args);

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo(), { runbook: './short.yaml' });
		place.write(
			'short.yaml',
			'extends: abstractfinance\nvariables: { settle: 3s, stopped_watch: 3 }\nverification: { deadline: 60s }\n',
		);
		await hostExec('install -d -m 700 -o abstractfinance "$1"', [join(place.folder, 'state')]);
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	test('a rollback and its undo: the host is what it was, and the owner’s', { tags: 'long' }, async () => {
		await breakLab('crash-commit');
		const [before, owned] = [await deployedState(), await ofOthers()];
		const back = await run('run', 'engine-crash', ...agreed);
		expect(back.code, back.stdout + back.stderr).toBe(0);
		expect(await deployedState()).not.toBe(before);
		expect(await ofOthers()).toBe(owned);
		// The commit crashes, and verification says so.
		const undone = await run('undo', 'last', ...agreed);
		expect(undone.code, undone.stdout + undone.stderr).toBe(5);
		expect(await deployedState()).toBe(before);
		expect(await ofOthers()).toBe(owned);
	});

	// Four runs one after the other.
	test('a stop, a start, and the undo of both', { timeout: 600_000, tags: 'long' }, async () => {
		const before = await engineNow();
		const stopped = await run('run', 'disable-trading', ...agreed, '--json');
		expect(stopped.code, stopped.stdout + stopped.stderr).toBe(0);
		const held = await engineNow();
		expect(held).toMatch(/ exited no .*held-by-backout/);
		const started = await run('run', 'start-trading', ...agreed);
		expect(started.code, started.stdout + started.stderr).toBe(0);
		expect(await engineNow()).toBe(before);
		// The engine does not run then, so no verification can pass.
		const undone = await run('undo', 'last', ...agreed);
		expect(undone.code, undone.stdout + undone.stderr).toBe(5);
		expect(await engineNow()).toBe(held);
		const back = await run('undo', String(stopped.json().at(-1)?.run), ...agreed);
		expect(back.code, back.stdout + back.stderr).toBe(0);
		expect(await engineNow()).toBe(before);
	});
});
