import { describe, expect } from 'vitest';
import { image } from '../nodes/images.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { openHost } from './harness/shell.ts';

describe.skipIf(withoutCluster !== undefined)('a rollback that somebody reverts', () => {
	test('has not converged, although its pods are well', { tags: ['long'] }, async ({ cluster, openDeployment }) => {
		const deployment = await openDeployment();
		await deployment.apply({ web: '1' });
		await deployment.apply({ web: '2' });
		const host = openHost(deployment.namespace, cluster.env);
		try {
			await host.must('row=$(workload_row web) && roll_back_to_revision web "$(revision_before "$row")"');
			const well = await host.run('look_at_workloads && overwritten');
			expect(well).toEqual({ code: 0, text: '' });
			await deployment.apply({ web: '2' });
			await deployment.runs('web', [image('2'), image('2')]);
			const { code, text } = await host.run('wait_converged 60 1 web');
			expect(text).toContain('web: somebody has changed it since this run did');
			expect(code).toBe(1);
		} finally {
			host.remove();
		}
	});
});
