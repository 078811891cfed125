import { randomInt } from 'node:crypto';
import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';

describe.skipIf(withoutEngine)('an older version that needs a port again', () => {
	test('is refused while another container has it, and the newer one goes on', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const port = randomInt(20_000, 30_000);
		const ports = (version: string) => (version === '1' ? `, ports: ["127.0.0.1:${port}:80"]` : '');
		const first = await twoVersions(site, (version) => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s, volumes: ["/app/modules"]${ports(version)} }\n`,
		}));
		await site.deploy();
		const [web, other] = [`${site.token}-web-1`, `${site.token}-edge`];
		await site.docker('exec', web, 'touch', '/app/modules/of-2');
		const network = `${site.token}_default`;
		await site.docker(
			'run',
			'-d',
			'--name',
			other,
			'--network',
			network,
			'-p',
			`${port}:80`,
			baseImage,
			'sleep',
			'600',
		);
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const id = await site.docker('inspect', '--format', '{{.Id}} {{.State.Running}}', web);
		const refused = await site.backout('run', ...run, '--yes');
		expect(refused.code, refused.text).toBe(4);
		expect(refused.text).toContain(`port ${port}/tcp, which web needs then, is taken by the container ${other}`);
		expect(await site.docker('inspect', '--format', '{{.Id}} {{.State.Running}}', web)).toBe(id);
		await site.docker('rm', '-f', other);
		const plan = await site.backout('plan', ...run);
		expect(plan.text).toContain('web keeps its anonymous volume at /app/modules');
		const there = await site.backout('run', ...run, '--yes');
		expect(there.code, there.text).toBe(0);
		expect(await site.docker('exec', web, 'ls', '/app/modules')).toBe('of-2');
	});
});
