import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import { createPlace } from './harness/place.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 1, workers: 1 });

describe.skipIf(withoutSwarm !== undefined)('a stack, by the program', () => {
	test('a bad image is seen, rolled back and verified, and the undo brings it again', { tags: ['long'] }, async ({
		openStack,
		swarm,
	}) => {
		const stack = await openStack();
		await stack.deploy({ web: '1' });
		const place = createPlace(stack, swarm.manager);
		try {
			await stack.runs('web', [image('1'), image('1')]);
			const checklist = await place.backout('run', 'pre-deploy-checklist', '--yes', '--reason', 'test');
			expect(checklist.code, checklist.text).toBe(0);
			const good = await place.backout('status');
			expect(good.code, good.text).toBe(0);

			await stack.deploy({ web: 'bad' });
			await expect
				.poll(() => stack.read('web', '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}'), { timeout: 60_000 })
				.toBe('paused');
			const bad = await place.backout('status');
			expect(bad.code, bad.text).toBe(1);
			expect(bad.text).toMatch(/paused/);

			const run = await place.backout(
				'run',
				'rollback-image',
				'--input',
				`image=${image('1')}`,
				'--yes',
				'--reason',
				'test',
			);
			expect(run.code, run.text).toBe(0);
			await stack.runs('web', [image('1'), image('1')]);

			const undo = await place.backout('undo', 'last', '--yes', '--reason', 'test');
			expect(undo.text).toContain('Undo');
			expect(await stack.read('web', '{{.Spec.TaskTemplate.ContainerSpec.Image}}'), undo.text).toBe(image('bad'));
		} finally {
			place.remove();
		}
	});

	test('a guard on the host asks by itself whether the stack has converged, and rolls back', {
		tags: ['long'],
	}, async ({ openStack, openOn, swarm }) => {
		const stack = await openStack();
		await stack.deploy({ web: '1' });
		const place = createPlace(stack, swarm.manager);
		try {
			const host = openOn(stack);
			await host.must('wait_converged 120 1');
			expect(await host.must('say_converged')).toBe('all services run as specified, nothing is under way');
			await stack.deploy({ web: 'bad' });
			await expect.poll(async () => (await host.run('say_converged')).text, { timeout: 60_000 }).toContain('is paused');
			expect(await host.run('say_converged web')).toMatchObject({ code: 0 });
			const input = `image=${image('1')}`;
			const how = [
				'--for',
				'5m',
				'--grace',
				'1s',
				'--interval',
				'2s',
				'--procedure',
				'rollback-image',
				'--input',
				input,
			];
			const guard = await place.backout('guard', '--on-host', ...how, '--yes', '--reason', 'test');
			expect(guard.text).not.toContain('not asked by the host');
			expect(guard.text).toMatch(/Converged: .*web: its update is paused/);
			await stack.runs('web', [image('1'), image('1')]);
		} finally {
			place.remove();
		}
	});

	test('init finds the stack on a manager, and what it writes works', { tags: ['long'] }, async ({
		openStack,
		openOn,
		swarm,
	}) => {
		const stack = await openStack();
		await stack.deploy({ web: '1' });
		await openOn(stack).must('wait_converged 120 1');
		const place = createPlace(stack, swarm.manager);
		try {
			const at = join(place.folder, 'new');
			const init = await place.backout('init', 'local', '--output', at, '--directory', stack.clone);
			expect(init.code, init.text).toBe(0);
			expect(init.text).toContain(`${stack.name} in ${stack.clone}`);
			expect(init.text).toMatch(/Services +agent, database, web/);
			expect(readFileSync(join(at, 'backout.yaml'), 'utf8')).toContain(`engine: swarm\n`);
			const status = await place.backout('--config', join(at, 'backout.yaml'), 'status');
			expect(status.text).toMatch(/Converged.*all 3 services run as specified/s);
			expect(status.code, status.text).toBe(0);
			const unnamed = await place.backout(
				'init',
				'local',
				'--output',
				join(place.folder, 'other'),
				'--project',
				'none',
			);
			expect(unnamed.text).toContain(`There are: ${stack.name} in `);
			expect(unnamed.code).toBe(2);
		} finally {
			place.remove();
		}
	});
});
