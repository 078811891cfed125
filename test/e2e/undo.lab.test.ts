import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, type LabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { deployedState } from './deployed-state.ts';

/** Services that are not built from the commit must not even have been restarted. */
const others = async () =>
	(
		await hostExec(
			'docker ps --no-trunc --format "{{.Label \\"com.docker.compose.service\\"}} {{.ID}}" | grep -v "^trading-engine \\|^cross-monitor " | sort',
		)
	).stdout;

describe.skipIf(withoutLab)('undo, on a real host', () => {
	let info: LabInfo;
	let place: Workplace;

	beforeAll(async () => {
		info = await breakLab('crash-commit');
		place = createWorkplace(info, { runbook: './quick.yaml' });
		// This test compares the host, without a settling time.
		place.write(
			'quick.yaml',
			'extends: abstractfinance\nvariables: { settle: 3s, stopped_watch: 3 }\nverification: { deadline: 60s }\n',
		);
		await hostExec('echo "# looked at" >>config/instruments.yaml');
	});
	afterAll(async () => {
		place?.remove();
		await healLab();
	});

	// Three runs one after the other.
	test('a rollback is undone, and that undo too: the host is each time what it was', {
		timeout: 600_000,
		tags: 'long',
	}, async () => {
		const broken = await deployedState();
		const neighbours = await others();
		const back = await place.run('run', 'engine-crash', '--yes', '--reason', 'crash', '--json');
		expect(back.code, back.stdout + back.stderr).toBe(0);
		const good = await deployedState();
		expect(good).not.toBe(broken);

		const plan = await place.run('undo', 'last', '--json');
		expect(plan.code).toBe(4);
		expect(plan.stderr).toContain('--yes');
		expect(await deployedState()).toBe(good);

		// The commit crashes, and verification says so: 5 is the truth.
		const undone = await place.run('undo', 'last', '--yes', '--reason', 'drill', '--json');
		expect(undone.code, undone.stdout + undone.stderr).toBe(5);
		expect(undone.json().at(-1)).toMatchObject({ type: 'end', state: 'succeeded', verdict: 'failed' });
		expect(await deployedState()).toBe(broken);

		const again = await place.run('undo', 'last', '--yes', '--json');
		expect(again.code, again.stdout + again.stderr).toBe(0);
		expect(await deployedState()).toBe(good);
		expect(await others()).toBe(neighbours);

		const points = (await place.run('restore-points', '--json')).json();
		expect(points.map(({ procedure }) => procedure)).toEqual(['undo', 'undo', 'engine-crash']);
		expect(points[0]).toMatchObject({ knownGood: false, commit: info.goodCommit === '' ? '' : expect.any(String) });
	});

	// Those of the test before.
	test('old restore points are dropped with their refs and image tags; the last known good stays', {
		tags: 'long',
	}, async () => {
		const refused = await place.run('prune', '--keep', '0');
		expect(refused.code).toBe(4);
		const readOnly = await place.run('--read-only', 'prune', '--keep', '0', '--yes');
		expect(readOnly.code).toBe(4);
		const pruned = await place.run('prune', '--keep', '0', '--yes', '--json');
		expect(pruned.code, pruned.stderr).toBe(0);
		const left = (await place.run('restore-points', '--json')).json() as { run: string; knownGood: boolean }[];
		expect(left.map(({ knownGood }) => knownGood)).toEqual([true]);
		const kept = left[0]?.run ?? '';
		const gone = pruned
			.json()
			.filter(({ type }) => type === 'dropped')
			.map(({ run }) => String(run));
		const refs = (await hostExec('git for-each-ref --format="%(refname)" refs/backout')).stdout;
		const tags = (await hostExec('docker image ls --format "{{.Repository}}:{{.Tag}}" --filter "reference=backout/*"'))
			.stdout;
		expect(refs).toContain(kept);
		expect(tags).toContain(kept);
		for (const run of gone) {
			expect(refs).not.toContain(run);
			expect(tags).not.toContain(run);
		}
	});

	test('stopped services run again, and that is what is verified', { tags: 'long' }, async () => {
		await healLab();
		const before = await deployedState();
		const stopped = await place.run('run', 'disable-trading', '--yes', '--reason', 'drill');
		expect(stopped.code, stopped.stderr).toBe(0);
		const undone = await place.run('undo', 'last', '--yes');
		expect(undone.stdout).toContain('Started trading-engine');
		expect(undone.code, undone.stdout + undone.stderr).toBe(0);
		expect(await deployedState()).toBe(before);
	});
});
