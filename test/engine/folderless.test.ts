import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

/** A stack as a tool makes it that keeps the Compose files inside of its own container. */
const openStack = async (openSite: OpenSite): Promise<Site> => {
	const site = await openSite({ noGit: true });
	const { token } = site;
	const folder = `/data/compose/${token}`;
	for (const service of ['web', 'db']) {
		const labels = {
			project: token,
			service,
			'container-number': '1',
			oneoff: 'False',
			'project.working_dir': folder,
			'project.config_files': `${folder}/docker-compose.yml`,
		};
		await site.docker(
			...['run', '-d', '--name', `${token}-${service}-1`, '--network', 'none', '--restart', 'always'],
			...Object.entries(labels).flatMap(([name, value]) => ['-l', `com.docker.compose.${name}=${value}`]),
			...[baseImage, 'sh', '-c', 'trap exit TERM; while :; do sleep 1; done'],
		);
	}
	site.configure([`directory: ${folder}`, `project: ${token}`]);
	return site;
};

/** Reads the engine's list of its containers, one per line. */
const states = (site: Site, what = '{{.Names}} {{.State}}') =>
	site.docker('ps', '-a', '--filter', `label=com.docker.compose.project=${site.token}`, '--format', what);

describe.skipIf(withoutEngine)('a stack whose folder is inside the tool that manages it', () => {
	test('is watched, stopped and started', async ({ openSite }) => {
		const site = await openStack(openSite);
		const status = await site.backout('status');
		expect(status.code, status.text).toBe(0);

		const stopped = await site.backout('run', 'stop-everything', '--confirm', 't', '--reason', 'drill', '--json');
		expect(stopped.code, stopped.text).toBe(0);
		expect((await states(site)).split('\n').sort()).toEqual([
			`${site.token}-db-1 exited`,
			`${site.token}-web-1 exited`,
		]);
		const started = await site.backout('run', 'start-everything', '--yes');
		expect(started.code, started.text).toBe(0);
		expect((await states(site)).split('\n').sort()).toEqual([
			`${site.token}-db-1 running`,
			`${site.token}-web-1 running`,
		]);
	});

	test('is refused what needs Compose, with the reason, and nothing of it changes', async ({ openSite }) => {
		const site = await openStack(openSite);
		const before = await states(site, '{{.ID}} {{.State}}');
		const refused = await site.backout('run', 'config-error', '--input', 'source=env:/etc/hostname', '--yes');
		expect(refused.code, refused.text).toBe(4);
		expect(refused.text).toContain('it is inside the tool that manages them');
		expect(refused.text).toContain(`in Portainer, open Stacks, ${site.token}, Editor`);
		expect(await states(site, '{{.ID}} {{.State}}')).toBe(before);
	});
});
