import { describe, expect } from 'vitest';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 1, workers: 1 });
const long = { tags: ['long'] };
const two = (version: '1' | '2' | '3') => [image(version), image(version)];
const idsOf = (tasks: readonly { readonly id: string }[]) => tasks.map(({ id }) => id).sort();

describe.skipIf(withoutSwarm !== undefined)('a service of a stack', () => {
	test('goes back to an image, and an undo brings its whole spec back', async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy({ web: '2', replicas: 1 });
		await stack.runs('web', [image('2')]);
		const host = openOn(stack);
		const worker = await swarm.manager.docker('node', 'inspect', '--format', '{{.ID}}', 'node-2');
		expect((await stack.tasks('database')).map(({ node }) => node)).toEqual([worker]);
		const others = idsOf([...(await stack.tasks('agent')), ...(await stack.tasks('database'))]);
		expect(await host.must('look_swarm && note_containers && stack_services')).toContain('agent\ndatabase\nweb');
		const plan_ground = await host.must('ground');
		await host.must(`roll_back_to_image web ${image('1')} && wait_converged 120 1`, { plan_ground });
		await stack.runs('web', [image('1')]);
		// Docker's own deployment of version 2 would otherwise be taken for no change.
		expect(await stack.read('web', '{{index .Spec.Labels "com.docker.stack.image"}}')).toBe(image('1'));
		expect(idsOf([...(await stack.tasks('agent')), ...(await stack.tasks('database'))])).toEqual(others);
		const from_dir = host.restore;
		host.nextRun();
		expect(await host.must('service_differences', { from_dir })).toBe(`web: runs ${image('1')}, then ${image('2')}`);
		const back = await host.must('look_specs && look_images && put_services_back && compare_with_point', { from_dir });
		// In the middle of Docker's update, the verification would take what has not been started yet for what is down.
		expect(back).toContain('converged for 0 s: web');
		await stack.runs('web', [image('2')]);
	});

	test('is not changed where somebody was faster', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy();
		const host = openOn(stack);
		const plan_ground = await host.must('wait_converged 120 1 >/dev/null && ground');
		await swarm.manager.docker('service', 'update', '--detach', '--label-add', 'by=somebody', `${stack.name}_web`);
		const { code, text } = await host.run(`roll_back_to_image web ${image('2')}`, { plan_ground });
		expect(text).toContain('somebody has changed web since the plan was made: Docker refused the update');
		expect(code).toBe(1);
		expect((await host.run('ground_holds', { plan_ground })).text).toContain('now   service: web');
		await stack.runs('web', two('1'));
	});

	test('goes back although the engine has rolled an update back before', long, async ({ openStack, openOn }) => {
		const stack = await openStack();
		await stack.deploy({ web: '1' });
		const host = openOn(stack);
		const first = await host.must('wait_converged 120 1 >/dev/null && record_deployment');
		await stack.deploy({ web: '2' });
		await host.must('wait_converged 120 1 >/dev/null && record_deployment');
		await stack.deploy({ web: 'bad', onFailure: 'rollback' });
		const { text } = await host.run('wait_converged 120 1 web');
		expect(text).toContain('web: the engine has rolled its last update back by itself');
		expect(await stack.read('web', '{{json .PreviousSpec}}')).toBe('null');
		await host.must(`roll_back_to_spec ${first} web && wait_converged 120 1`);
		await stack.runs('web', two('1'));
	});

	test('goes back over a scaling, which is no deployment', long, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy({ web: '1' });
		const host = openOn(stack);
		const first = await host.must('wait_converged 120 1 >/dev/null && record_deployment');
		await stack.deploy({ web: '2' });
		await host.must('wait_converged 120 1 && record_deployment');
		await swarm.manager.docker('service', 'scale', '--detach', `${stack.name}_web=3`);
		await host.must('wait_converged 120 1 && record_deployment');
		// What `docker service rollback` would go to: the same image with another number of tasks.
		expect(await stack.read('web', '{{.PreviousSpec.TaskTemplate.ContainerSpec.Image}}')).toBe(image('2'));
		expect(await host.must('spec_before web')).toBe(first);
		expect((await host.run('take_update_back web')).text).toContain(
			'web has converged, so there is no update to take back',
		);
		expect(await host.must(`roll_back_to_spec ${first} web`)).toContain('web: that is 2 tasks instead of 3');
		await host.must('wait_converged 120 1');
		await stack.runs('web', two('1'));
	});

	test('is taken back from an update that has paused with two versions', long, async ({ openStack, openOn }) => {
		const stack = await openStack();
		await stack.deploy({ web: '1', replicas: 3 });
		const host = openOn(stack);
		await host.must('wait_converged 120 1 && record_deployment');
		await stack.deploy({ web: 'bad', replicas: 3 });
		const stuck = await host.run('wait_converged 120 1 web');
		expect(stuck.code).toBe(1);
		expect(stuck.text).toContain('web: its update is paused, and goes no further by itself');
		expect(await host.must('not_converged web')).toMatch(/web: [12] of its tasks run an older spec/);
		expect(await host.must('resume_update web')).toContain('the update goes on');
		// The same spec once more would only clear the word `paused`, and leave the older tasks.
		await host.must('until ! not_converged web | grep -q -e older; do sleep 1; done');
		await host.must('take_update_back web && wait_converged 120 1 web');
		await stack.runs('web', [image('1'), ...two('1')]);
	});

	test('has an update that can be held and let go', long, async ({ openStack, openOn }) => {
		const stack = await openStack();
		await stack.deploy({ web: '1', replicas: 4 });
		const host = openOn(stack);
		await host.must('wait_converged 120 1');
		await stack.deploy({ web: '2', replicas: 4 });
		const settings = '{{json .Spec.UpdateConfig}}';
		const before = await stack.read('web', settings);
		await host.must('pause_update web');
		expect(await stack.read('web', settings)).toContain('"Delay":86400000000000');
		expect((await host.run('wait_converged 8 1 web')).text).toContain('web: its update goes on');
		expect((await stack.tasks('web')).filter((task) => task.image === image('1')).length).toBeGreaterThan(0);
		await host.must('resume_update web && wait_converged 120 1 web');
		expect(await stack.read('web', settings)).toBe(before);
		await stack.runs('web', [...two('2'), ...two('2')]);
	});

	test('is scaled to zero and back, and restarted', long, async ({ openStack, openOn }) => {
		const stack = await openStack();
		await stack.deploy();
		const host = openOn(stack);
		await host.must('wait_converged 120 1 && note_containers && scale_service web 0 && wait_converged 60 1 web');
		expect(await stack.tasks('web')).toEqual([]);
		expect((await host.run('scale_service agent 0')).text).toContain('agent is global or a job');
		await host.must('scale_service web 2 && wait_converged 60 1 web');
		const before = idsOf(await stack.tasks('web'));
		await host.must('restart_service web && wait_converged 60 1 web');
		expect(idsOf(await stack.tasks('web')).filter((id) => before.includes(id))).toEqual([]);
		// The counter of forced updates is no difference, so an undo makes no task anew for it.
		expect(await host.must('service_differences', { from_dir: host.restore })).toBe('');
	});
});
