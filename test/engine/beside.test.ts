import { describe, expect } from 'vitest';
import { must } from '../lab/exec.ts';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serving } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';

describe.skipIf(withoutEngine)('what runs beside the deployment is named in the plan', () => {
	test('a container of docker compose run, and another project of the same folder', async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const worker = `worker-${site.token}`;
		await site.compose('run', '-d', '--name', worker, 'web');
		await site.docker('compose', '-p', `green-${site.token}`, 'create', '--build');
		site.configure([`project: ${site.token}`]);
		const { code, text } = await site.backout('plan', 'rollback-commit', '--input', `commit=${first}`);
		expect(code, text).toBe(0);
		expect(text).toContain(`${worker} was started by docker compose run, and stays as it is`);
		expect(text).toContain(`The project green-${site.token} was started from the same folder.`);
	});

	test('and not where it has ended, or what it is of stays', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const worker = `worker-${site.token}`;
		await site.compose('run', '-d', '--name', worker, 'web', 'true');
		await site.docker('wait', worker);
		const { code, text } = await site.backout('plan', 'rollback-commit', '--input', `commit=${first}`);
		expect(code, text).toBe(0);
		expect(text).not.toContain(worker);
		expect(text).not.toContain('from the same folder');
	});
});

describe.skipIf(withoutEngine)('another project of the same repository, whose files change with the commit,', () => {
	/** Two commits of a deployment and its neighbour, which both run; gives the first. */
	const neighbours = async (openSite: OpenSite, mounts: string) => {
		const site = await openSite({ within: (token) => token });
		const other = `${site.token}-other`;
		await twoVersions(site);
		const files = (version: string) => ({
			[`${site.token}/Dockerfile`]: dockerfile(version),
			[`${other}/compose.yaml`]: `services:\n  app: { image: "${baseImage}", stop_grace_period: 2s, ${serving}, volumes: ["${mounts}"] }\n`,
			[`${other}/conf/app.conf`]: `version ${version}\n`,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.deploy();
		await must('docker', ['compose', 'up', '-d'], { cwd: `${site.top}/${other}`, env: site.env });
		return { site, other, first };
	};

	test('is refused where its containers have them mounted, unless that is allowed by name', async ({ openSite }) => {
		const { site, other, first } = await neighbours(openSite, './conf:/conf:ro');
		const conf = () => site.docker('exec', `${other}-app-1`, 'cat', '/conf/app.conf');
		const run = ['run', 'rollback-commit', '--input', `commit=${first}`, '--yes'];
		const refused = await site.backout(...run);
		expect([refused.code, await conf()], refused.text).toEqual([4, 'version 2']);
		expect(refused.text).toContain(`its containers that run have ${other}/conf/app.conf mounted`);
		const allowed = await site.backout(...run, '--allow', `project:${other}`);
		expect([allowed.code, await conf()], allowed.text).toEqual([0, 'version 1']);
	});

	test('is named where they have not, and where a tool has mounted everything', { tags: 'long' }, async ({
		openSite,
	}) => {
		for (const mounts of ['./data:/data', '..:/repository']) {
			const { site, other, first } = await neighbours(openSite, mounts);
			const { code, text } = await site.backout('plan', 'rollback-commit', '--input', `commit=${first}`);
			expect(code, text).toBe(0);
			expect(text).toContain(`The project ${other} is deployed from the same repository`);
		}
	});
});
