import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kubernetesShell } from '../../../src/engines/kubernetes/shell.ts';
import { type Host, openHost } from '../../kubernetes/harness/shell.ts';
import { shells } from '../../runner/shells.ts';

let folder: string;
let host: Host;
const open = (shell?: readonly [string, ...string[]]) =>
	openHost('live', { PATH: `${folder}:${process.env.PATH}`, KUBECONFIG: '/nowhere' }, shell);
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-lease-'));
	writeFileSync(
		join(folder, 'kubectl'),
		`#!/bin/sh\nPLAYED='${folder}' exec '${process.execPath}' --no-warnings '${join(import.meta.dirname, 'leases.ts')}' "$@"\n`,
	);
	chmodSync(join(folder, 'kubectl'), 0o755);
	host = open();
});
afterEach(() => {
	host.remove();
	rmSync(folder, { recursive: true, force: true });
});

const [first, second] = ['20260101T000001Z-aaaaaa', '20260101T000002Z-bbbbbb'];
const leases = () => JSON.parse(readFileSync(join(folder, 'leases.json'), 'utf8'));
const lease = (name = 'backout-lock') => leases()[name];
const elsewhere = readFileSync(join(import.meta.dirname, '../../../src/engines/kubernetes/lock-elsewhere.sh'), 'utf8');

/** A script in the folder of a run, on a machine. */
const on = (machine: string, script: string, more = ''): string =>
	`uname() { echo host-${machine}; }; states=${folder}; state=$states/state-${machine}; mkdir -p "$state"; ${more}
cd "$run_dir" && echo '{"who":"${machine}"}' >about.json && : >out && ${script}`;
const take = (run: string, state = '$state') =>
	`{ mkdir -p "${state}/runs/${run}"; take_shared_lock ${run} 1767225600000 "${state}" about.json; }`;

/** A test with a host of each shell. */
const inEachShell = (title: string, does: (shell: string) => Promise<void>): void => {
	for (const shell of shells) {
		test(`${title}, in ${shell}`, shell === 'dash' ? {} : { tags: ['long'] }, async () => {
			host.remove();
			host = open(shell === 'busybox' ? [shell, 'sh'] : [shell]);
			await does(shell === 'busybox' ? 'busybox sh' : shell);
		});
	}
};

describe('the shared lock of a deployment', () => {
	test('is had by one of two hosts, and the other is told which', async () => {
		await host.must(on('a', take(first)));
		expect(lease().spec.holderIdentity).toBe(first);
		const other = await host.run(on('b', take(second)));
		expect(other.code).toBe(3);
		const [who, why, next] = other.text.split('\n');
		expect(who).toBe(`${first} 1767225600000 host-a heard`);
		expect(why).toBe('{"who":"a"}');
		expect(next).toContain(`\`backout unlock ${first}\``);

		expect(await host.must(on('b', `free_shared_lock ${second}`))).toBe('');
		expect(lease().spec.holderIdentity).toBe(first);
		await host.must(on('a', `free_shared_lock ${first}`));
		expect(lease().spec.holderIdentity).toBeUndefined();
		await host.must(on('b', take(second)));
		expect(lease()).toMatchObject({ spec: { holderIdentity: second } });
		expect(lease().metadata.annotations['backout/host']).toBe('host-b');
	});

	test('of a dead run of the same state folder is replaced, of another folder it is not', async () => {
		await host.must(on('a', take(first)));
		const other = await host.run(on('a', take(second, '$states/other')));
		expect(other.code).toBe(3);
		expect(other.text).toContain(`the records of run ${first} are in ${folder}/state-a on host-a`);
		await host.must(on('a', take(second)));
		expect(lease().spec.holderIdentity).toBe(second);
	});

	inEachShell('goes with the state folder to another pod, and not to a copy of the folder', async () => {
		const volume = join(folder, 'volume');
		await host.must(on('pod-1', take(first, volume)));
		expect(statSync(join(volume, 'state-id')).mode & 0o777).toBe(0o600);
		await host.must(on('pod-2', take(second, volume)));
		expect(lease().spec.holderIdentity).toBe(second);
		expect(lease().metadata.annotations['backout/host']).toBe('host-pod-2');

		const copy = join(folder, 'copy');
		mkdirSync(copy);
		cpSync(join(volume, 'state-id'), join(copy, 'state-id'));
		const copied = await host.run(on('clone', take(first, copy)));
		expect(copied.code, copied.text).toBe(3);
		expect(copied.text).toContain(`${second} 1767225600000 host-pod-2 heard`);
		expect(copied.text).toContain(`if ${copy} is a copy, delete ${copy}/state-id`);
		rmSync(join(copy, 'state-id'));
		const own = await host.run(on('clone', take(first, copy)));
		expect(own.code, own.text).toBe(3);
		expect(own.text).toContain(`\`backout unlock ${second}\``);
		expect(lease().spec.holderIdentity).toBe(second);
	});

	inEachShell('is known by one id, whoever makes it first, and whether or not it can be kept', async () => {
		const race = `for n in 1 2 3 4 5 6 7 8 9 10; do rm -f "$state/state-id"
				for k in 1 2 3; do { make_state_id "$state"; state_id "$state" >"id.$k"; } & done; wait
				cmp id.1 id.2 && cmp id.2 id.3 && grep -qxE '[0-9a-f]{32}' id.1 || exit; done; ls -A "$state"`;
		expect(await host.must(on('race', race))).toBe('state-id');
		const closed = 'mktemp() { case $* in *state-id*) return 1 ;; esac; command mktemp "$@"; };';
		await host.must(on('a', take(first), closed));
		await host.must(on('a', take(second), closed));
		const other = await host.run(on('b', take(first, '$states/state-a'), closed));
		expect(other.code, other.text).toBe(3);
		writeFileSync(join(folder, 'state-a', 'state-id'), '');
		await host.must(on('a', 'make_state_id "$state" && kept_state_id "$state"'));
	});

	test('is shown to the others, and not to hosts of its state folder', async () => {
		const shown = (machine: string, state: string) =>
			host.must(on(machine, elsewhere, `locate_state() { state=${state}; };`));
		await host.must(on('a', take(first)));
		expect(await shown('pod-2', '$states/state-a')).toBe('');
		const holder = `${first} 1767225600000 host-a heard\n{"who":"a"}`;
		expect(await shown('b', '$states/state-b')).toBe(holder);
		expect(await shown('b', '')).toBe(holder);
	});

	test('of a part of the namespace and that of all of it exclude each other, those of two parts do not', async () => {
		const part = (name: string) => `kube_selector=app=${name}; `;
		await host.must(on('a', take(first), part('shop')));
		expect((await host.run(on('b', take(second)))).code).toBe(3);
		expect(lease().spec.holderIdentity).toBeUndefined();
		await host.must(on('b', take(second), part('blog')));
		await host.must(on('b', `free_shared_lock ${second}`, part('blog')));
		await host.must(on('a', `free_shared_lock ${first}`, part('shop')));
		await host.must(on('b', take(second)));
		const whole = await host.run(on('a', take(first), part('shop')));
		expect(whole.code).toBe(3);
		expect(whole.text).toContain(`${second} 1767225600000 host-b heard`);
	});

	inEachShell(
		'of a part is not had where the cluster does not say whether a run of all the namespace goes on',
		async () => {
			const noList = join(folder, 'no-list');
			writeFileSync(
				noList,
				'Error from server (Timeout): the server was unable to return a response in the time allotted',
			);
			const unsaid = await host.run(on('a', take(first), 'kube_selector=app=shop; '));
			expect(unsaid.code, unsaid.text).toBe(1);
			expect(unsaid.text).toContain('goes on: the server was unable to return a response in the time allotted');
			expect(Object.values(leases())).toMatchObject([{ spec: expect.not.objectContaining({ holderIdentity: first }) }]);
			const shown = await host.run(on('a', elsewhere, 'locate_state() { :; };'));
			expect(shown.code, shown.text).toBe(1);

			writeFileSync(
				noList,
				'Error from server (Forbidden): leases.coordination.k8s.io is forbidden: User "ana" cannot list resource',
			);
			const said = await host.must(on('a', `${take(first)} && cat out`, 'kube_selector=app=shop; '));
			expect(said).toMatch(/^Runs of another part of the namespace, or of all of it, are not seen: .*is forbidden/);
		},
	);

	test('of a part is had after a run of all the namespace from the same state folder has died', async () => {
		await host.must(on('a', take(first)));
		await host.must(on('a', take(second), 'kube_selector=app=shop; '));
		expect(lease().spec.holderIdentity).toBeUndefined();
	});

	inEachShell('that the cluster gives too late is freed, and the run that was refused is told why', async (sh) => {
		writeFileSync(join(folder, 'slow'), '500');
		writeFileSync(join(folder, 'program'), kubernetesShell.sharedLock ?? '');
		const late = `cp $states/program shared-lock.sh && : >environment && { ${sh} shared-lock.sh take ${first} 1 "$state" >said 2>&1 &
				until [ -e $states/slow.begun ]; do sleep 0.05; done; kill "$!"; wait "$!"; echo "ended with $?"; tail -n 1 said; ${sh} shared-lock.sh free ${first}; }`;
		expect(await host.must(on('a', late))).toBe('ended with 1\nthe API server has not given the shared lock in time');
		expect(lease().spec.holderIdentity).toBeUndefined();
	});

	test('is renewed while its supervisor lives, and no longer', async () => {
		const renewing = `${take(first)} && : >alive && lock_renewed=1 && printf '%s\\n' begun >log &&
			{ flock alive sh -c 'sleep 4' & } && sleep 0.5 && before=$(shared_lock | cut -f 2) &&
			renew_shared_lock ${first} && [ "$(shared_lock | cut -f 2)" -gt "$before" ] && wait`;
		await host.must(on('a', renewing));
		expect(lease().spec.holderIdentity).toBe(first);
	});

	inEachShell('is not renewed for a run whose folder is gone', async () => {
		const gone = `is=$(shared_lock) && shared_lock() { echo "$is"; } && patch_lease() { : >"$state/renewed"; exit; } && mkdir gone && (cd gone &&
				: >alive && : >shared-lock.taken && rm -rf "$PWD" && lock_renewed=1 && renew_shared_lock ${first}); [ ! -e "$state/renewed" ]`;
		await host.must(on('a', `${take(first)} && { ${gone}; }`));
	});

	test('is renewed soon after a renewal that failed, so that whoever would give it up sees that', async () => {
		const renewing = `lives=0; supervisor_lives() { echo "waits $1 s"; lives=$((lives + 1)); [ "$lives" -lt 3 ]; }
			patch_lease() { [ "$lives" != 1 ]; }; renew_shared_lock ${first}`;
		expect(await host.must(on('a', `${take(first)} && { ${renewing}; }`))).toBe('waits 20 s\nwaits 5 s\nwaits 20 s');
	});

	test('is given up when nobody renews it, and its run changes nothing more', async () => {
		const facts = 'run_facts=$run_dir/facts; run=${run_dir##*/}';
		await host.must(on('a', `${facts}; take_shared_lock "$run" 1 "$state" about.json && lock_is_ours`));
		const { holderIdentity: run } = lease().spec;
		/** Gives it up on another host; this happens while it looks on. */
		const giveUp = (meanwhile = ':') =>
			host.run(on('b', `sleep() { command sleep 0; ${meanwhile}; }; give_up_shared_lock ${run}`));
		const renewed = await giveUp(
			`patch_lease "$row" '{"op":"replace","path":"/spec/renewTime","value":"2026-01-01T00:00:00.000000Z"}'`,
		);
		expect(renewed.text).toContain(`host-a has just renewed the lock of run ${run}, which goes on`);
		expect(renewed.code).toBe(75);
		const ended = await giveUp(`release_lease "$row"`);
		expect(ended.text).toContain(`run ${run} does not have the lock any more`);
		expect(ended.code).toBe(75);
		await host.must(on('a', `take_shared_lock ${run} 1 "$state" about.json`));
		const given = await giveUp('echo "looks on for $1 s"');
		expect(given).toEqual({ code: 0, text: 'looks on for 45 s' });
		expect(lease().spec.holderIdentity).toBeUndefined();
		const lost = await host.run(on('a', `${facts}; lock_is_ours`));
		expect(lost.text).toContain('somebody has given up the lock of this run');
		expect(lost.code).toBe(1);
	});

	inEachShell('of a whole namespace is given up for a part of it, too', async () => {
		await host.must(on('a', take(first)));
		const part = 'kube_selector=app=shop; sleep() { :; }; ';
		const refused = await host.run(on('b', take(second), part));
		expect(refused.text).toContain(`\`backout unlock ${first}\``);
		await host.must(on('b', `give_up_shared_lock ${first}`, part));
		await host.must(on('b', take(second), part));
		const gone = await host.run(on('b', `give_up_shared_lock ${first}`, part));
		expect(gone.text).toContain(`run ${first} does not have the lock any more`);
		expect(gone.code).toBe(75);
	});

	inEachShell('that was given up keeps an undo from removing what was deployed since', async () => {
		const undo = `run_facts=$run_dir/facts; mkdir -p then/kubernetes && from_dir=$PWD/then && : >then/kubernetes/workloads && : >then/kubernetes/nodes &&
				workload_rows() { printf 'worker\\tdeployment/worker\\n'; } && put_workloads_back; done=$?; replace_stuck worker-0; exit $done`;
		await host.must(
			on(
				'a',
				`take_shared_lock "\${run_dir##*/}" 1 "$state" about.json && patch_lease "$(shared_lock)" \
				'{"op":"replace","path":"/spec/holderIdentity","value":"${second}"}'`,
			),
		);
		const undone = await host.run(on('a', undo));
		expect(undone.code, undone.text).toBe(1);
		expect(undone.text).toContain('somebody has given up the lock of this run');
		expect(existsSync(join(folder, 'deleted')), undone.text).toBe(false);
	});

	test('is that of the host alone where this login may have no Leases, which the output says', async () => {
		writeFileSync(
			join(folder, 'refusal'),
			'Error from server (Forbidden): leases.coordination.k8s.io is forbidden: User "ana" cannot create resource "leases"',
		);
		const said = await host.must(on('a', `${take(first)} && cat out && lock_is_ours && free_shared_lock ${first}`));
		expect(said).toMatch(/^Operators on other hosts do not see that this run is going on: .*is forbidden/);
		writeFileSync(join(folder, 'refusal'), 'The connection to the server 10.0.0.1:6443 was refused - did you');
		const none = await host.run(on('a', take(first)));
		expect(none.code).toBe(1);
		expect(none.text).toContain(
			'the cluster does not give the shared lock of live: the API server at 10.0.0.1:6443 refuses',
		);
	});
});
