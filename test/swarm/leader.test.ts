import { describe, expect } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import type { Node } from '../nodes/node.ts';
import { sshdMissing } from '../ssh/sshd.ts';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { startByKeys } from './harness/keys.ts';
import { startMachines } from './harness/machine.ts';
import { createPlace, type Place } from './harness/place.ts';
import type { Host } from './harness/shell.ts';
import type { Stack } from './harness/stack.ts';
import { image, type Swarm } from './harness/swarm.ts';

const test = swarmTest({ managers: 3, workers: 0 });
const long = { tags: ['long'] };
const idIn = (text: string): string => /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(text)?.[0] ?? '';
const three = (version: '1' | '2') => [image(version), image(version), image(version)];

/** Notes the good version on the manager of a place: each has its own history. */
const noteStack = async (host: Host, place: Place): Promise<void> => {
	await host.must('wait_converged 120 1');
	const noted = await place.backout('run', 'pre-deploy-checklist', '--yes', '--reason', 'test');
	expect(noted.code, noted.text).toBe(0);
};

/** Returns the name of the node on which the run lives that has the lock. */
const holderOf = async ({ name }: Stack, node: Node): Promise<string> => {
	const id = await node.docker('config', 'inspect', '--format', '{{.Spec.Labels.node}}', `backout-${name}-lock`);
	return node.docker('node', 'inspect', '--format', '{{.Description.Hostname}}', id);
};

/** Deploys a bad version, whose update Docker pauses. */
const breakStack = async (stack: Stack, host: Host): Promise<void> => {
	await stack.deploy({ web: 'bad', replicas: 3 });
	await host.run('wait_converged 120 1 web');
};

/** Waits until the run has given the service its spec of before. */
const inTheMiddle = (stack: Stack) =>
	expect
		.poll(() => stack.read('web', '{{.Spec.TaskTemplate.ContainerSpec.Image}}'), { timeout: 240_000 })
		.toBe(image('2'));

const takeBack = ['run', 'take-back-update', '--input', 'stuck=web', '--yes', '--reason', 'test'];
const locks = (node: Node) => node.docker('config', 'ls', '--filter', 'name=backout-', '--quiet');

/** The leader, and a manager that does not lead. */
const pick = async (swarm: Swarm): Promise<readonly [Node, Node]> => {
	const leader = await swarm.leader();
	const other = swarm.nodes.find((node) => node !== leader);
	if (other === undefined) {
		throw new Error('there are three managers');
	}
	return [leader, other];
};

/** Does something after the power of a node was cut, and brings the node back. */
const without = async (node: Node, lose: () => Promise<void>, work: () => Promise<void>): Promise<void> => {
	await lose();
	try {
		await work();
	} finally {
		await node.start();
	}
};

/** Gives up the lock of a run as soon as the managers say that they do not hear from its node. */
const giveUp = async (place: Place, id: string): Promise<void> => {
	const unlock = (...words: readonly string[]) => place.backout('unlock', id, ...words);
	await expect
		.poll(async () => (await unlock()).text, { timeout: 120_000 })
		.toContain("confirm it with the target's name");
	const wrong = await unlock('--confirm', 'other', '--reason', 'test');
	expect(wrong.code, wrong.text).toBe(4);
	expect((await unlock('--confirm', 't')).text).toContain('it needs a reason');
	expect((await place.backout('runs')).text).toContain(id);
	const given = await unlock('--confirm', 't', '--reason', 'it has burnt down');
	expect(given.text).toContain('is given up: t can be changed again');
	expect(given.code, given.text).toBe(0);
};

const missing = withoutSwarm ?? sshdMissing();

describe.skipIf(missing !== undefined)('a leader lost in the middle of a run', () => {
	test('that lives on another manager: it goes on to its verdict', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		const [leader, other] = await pick(swarm);
		const host = openOn(stack, other);
		await stack.deploy({ web: '2', replicas: 3 });
		const place = createPlace(stack, other);
		try {
			await noteStack(host, place);
			await breakStack(stack, host);
			const running = place.backout(...takeBack);
			await inTheMiddle(stack);
			await without(leader, leader.kill, async () => {
				const { code, text } = await running;
				expect(text).toContain('done and verified');
				expect(code, text).toBe(0);
				expect(await swarm.leader()).not.toBe(leader);
				await stack.runs('web', three('2'));
				expect(await locks(other)).toBe('');
			});
			await host.must('wait_converged 180 2');
		} finally {
			place.remove();
		}
	});

	test(
		'that lives on it: unknown to the others until its engine is back, then verified',
		long,
		async ({ openStack, openOn, swarm }) => {
			const stack = await openStack();
			const [leader, other] = await pick(swarm);
			const host = openOn(stack, other);
			await stack.deploy({ web: '2', replicas: 3 });
			const [one, two] = [createPlace(stack, leader), createPlace(stack, other)];
			try {
				await noteStack(host, one);
				await breakStack(stack, host);
				const running = one.backout(...takeBack);
				await inTheMiddle(stack);
				let id = '';
				await without(leader, leader.kill, async () => {
					const said = `lives on ${leader.name}, which alone knows its state. Nothing is heard from ${leader.name}`;
					await expect
						.poll(async () => (await two.backout('attach', 'last')).text, { timeout: 120_000 })
						.toContain(said);
					const runs = await two.backout('runs');
					id = idIn(runs.text);
					expect(runs.text).toMatch(new RegExp(`${id} .*unknown .*lives on ${leader.name}`));
					const undo = await two.backout('undo', 'last', '--yes', '--reason', 'test');
					expect(undo.text).toContain(said);
					expect(undo.code).toBe(6);
					const again = await two.backout('run', 'restart-service', '--input', 'restarted=web', '--yes');
					expect(again.text).toContain(` unlock ${id}`);
					expect(again.code).toBe(4);
				});
				const ended = await running;
				expect(ended.text).toContain('unknown: the engine does not say what runs');
				expect(ended.text).toContain('done and verified');
				expect(ended.code, ended.text).toBe(0);
				await stack.runs('web', three('2'));
				expect(await locks(other)).toBe('');
				expect((await two.backout('runs')).text).not.toContain(id);
			} finally {
				one.remove();
				two.remove();
			}
		},
	);

	test(
		'that lives on it, by the screen, and the leader stays away: its lock is given up',
		long,
		async ({ openStack, openOn, swarm }) => {
			const stack = await openStack();
			const [leader, other] = await pick(swarm);
			const host = openOn(stack, other);
			// The database may run elsewhere, too: its node stays away.
			await other.docker('node', 'update', '--label-add', 'data=here', other.name);
			await stack.deploy({ web: '2', replicas: 3 });
			const machines = await startMachines([leader, other]);
			const place = createPlace(stack, other, machines.options);
			const screen = place.open();
			try {
				for (const { node, destination } of machines.all) {
					const own = createPlace(stack, node, { ...machines.options, host: destination });
					await noteStack(host, own);
					own.remove();
				}
				await breakStack(stack, host);
				await startByKeys(screen, 'Take a stuck update back');
				await inTheMiddle(stack);
				// It is the leader, unless that took more than 3 s to answer.
				const name = await holderOf(stack, other);
				const [lost, kept] = name === leader.name ? machines.all : machines.all.toReversed();
				if (lost === undefined || kept === undefined) {
					throw new Error('there are two machines');
				}
				await without(lost.node, lost.lose, async () => {
					await screen.waitFor('Outcome unknown: link lost');
					await screen.waitFor(/\? Converged +unknown/);
					screen.press('q');
					await screen.waitFor('Detaching stops showing it here');
					await pressUntil(screen, 'd', (rows) => !rows.join().includes('Output of run'), 60_000, 3000);
					// Nothing is followed there any more, so the next manager is asked.
					await screen.waitFor(/▲ instead of/, 60_000);
					const runs = await place.backout('runs');
					const id = idIn(runs.text);
					expect(runs.text).toMatch(new RegExp(`${id} .*unknown .*lives on ${lost.node.name}`));
					await giveUp(place, id);
					expect(await locks(kept.node)).toBe('');
					// The node that was lost changes what is under way, and a plan made before that would not hold.
					const state = ['service', 'inspect', '--format', '{{.UpdateStatus.State}}', `${stack.name}_web`];
					await expect.poll(() => kept.node.docker(...state), { timeout: 120_000 }).toMatch(/completed/);
					const scale = ['scale-service', '--input', 'scaled=web', '--input', 'tasks=2'];
					const scaled = await place.backout('run', ...scale, '--yes', '--reason', 'test');
					expect(scaled.text).toContain('done and verified');
					expect(scaled.code, scaled.text).toBe(0);
					await stack.runs('web', [image('2'), image('2')]);
				});
			} finally {
				await screen.close();
				place.remove();
				await machines.stop();
			}
		},
	);
});
