import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { cancelRun, startRun } from '../helpers/compose-runner.ts';
import { killSupervisor, startedWith } from '../helpers/proc.ts';
import { alive, type Deployment, eachDeployment, finish, localHost, step, untilOutput, who } from './fixture.ts';

// While something starts processes all the time, a search for processes takes long.

let deployment: Deployment;
let host: Host;
const bin = () => join(dirname(deployment.directory), 'bin');
const at = (name: string) => join(deployment.directory, name);

eachDeployment(
	(opened) => {
		({ deployment, host } = opened);
		mkdirSync(bin());
	},
	({ directory }) =>
		localHost({ ...process.env, PATH: `${dirname(directory)}/bin:${process.env.PATH}`, AT: directory }),
);

/** From now on, grep runs this before it searches. */
const putGrep = (script: string) => {
	const real = spawnSync('sh', ['-c', 'command -v grep'], { encoding: 'utf8' }).stdout.trim();
	writeFileSync(join(bin(), 'grep'), `#!/bin/sh\n${script}\nexec ${real} "$@"\n`);
	chmodSync(join(bin(), 'grep'), 0o755);
};

/** From now on, a search in the environment of all processes takes until there is a file "go". */
const slowSearch = () =>
	putGrep(
		`case "$#/$*" in ?/*) ;; */environ) : >"$AT/searches"; until [ -e "$AT/go" ] || [ ! -d "$AT" ]; do sleep 0.1; done ;; esac`,
	);

const start = async (script: string, graceSeconds = 1) => {
	const plan = deployment.plan([step('work', script)]);
	const { id } = await startRun(host, { plan, who, reason: 'r', state: deployment.state, graceSeconds });
	await untilOutput(host, deployment.where, id, 'ready');
	return id;
};

test('a cancel ends the step before it searches for what else there may be', async () => {
	const id = await start('echo $$ >pid; echo ready; sleep 1000');
	slowSearch();
	const cancelled = cancelRun(host, deployment.where, id);
	const pid = Number(readFileSync(at('pid'), 'utf8'));
	await expect.poll(() => existsSync(at('searches')), { interval: 20 }).toBe(true);
	// That search is given 3 s.
	await expect.poll(() => alive(pid), { interval: 20, timeout: 2500 }).toBe(false);
	writeFileSync(at('go'), '');
	expect(await cancelled).toMatchObject({ outcome: 'cancelled', left: [] });
});

describe('as long as a search does not come to an end, nothing says that no process is left, and a cancel says so in time', () => {
	let id: string;
	beforeEach(async () => {
		id = await start('echo ready; sleep 1000');
		slowSearch();
	});
	afterEach(async () => {
		writeFileSync(at('go'), '');
		await cancelRun(host, deployment.where, id);
		expect(startedWith(`backout_step=${id}/`)).toEqual([]);
	});
	const cancel = () => cancelRun(host, deployment.where, id, { waitSeconds: 1 });

	test('of a supervised run', async () => {
		expect(await cancel()).toMatchObject({ outcome: 'still-running' });
	});

	test('of a run that has died', { tags: 'long' }, async () => {
		killSupervisor(id);
		expect(await cancel()).toMatchObject({ outcome: 'still-running' });
	});
});

describe('a step asked to end is not asked twice, which tells many programs to give up', () => {
	const timesAsked = async (beforeCancel: () => void) => {
		const id = await start(
			// It goes on for a second and a half after it was asked.
			`trap 'echo asked; left=15' TERM; echo ready; left=6000; while [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done`,
			600,
		);
		beforeCancel();
		await cancelRun(host, deployment.where, id);
		const { output } = await finish(host, deployment.where, id);
		return output.match(/asked/g)?.length;
	};

	test('by the signal for its group and that for what is not in it', async () => {
		expect(await timesAsked(() => {})).toBe(1);
	});

	test('where the first search for its group was out of time', async () => {
		// timeout(1) ends a command that is out of time with 124.
		const script = `case " $* " in *' -lsE '*) [ -e "$AT/late" ] || { : >"$AT/late"; exit 124; } ;; esac`;
		expect(await timesAsked(() => putGrep(script))).toBe(1);
		expect(existsSync(at('late'))).toBe(true);
	});
});

test.each([
	['ends when it is asked to', ':'],
	['ends only when it is killed', `trap '' TERM`],
])('a step that starts processes all the time, and %s, is ended by a cancel', { tags: 'long' }, async (_, first) => {
	const id = await start(`${first}
i=0
while [ $i -lt 60 ]; do
	while :; do (:); done &
	i=$((i + 1))
done
echo ready
wait`);
	expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled', left: [] });
	expect(startedWith(`backout_step=${id}/`)).toEqual([]);
});
