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
		const place = createPlace(stack, swarm.manager);
		try {
			await stack.deploy({ web: '1' });
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
});
