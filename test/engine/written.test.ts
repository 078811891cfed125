import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';

describe.skipIf(withoutEngine)('a plan', () => {
	test('says what was written in a container that it makes anew, and outside of volumes', async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site, () => ({
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, volumes: ["data:/var/lib/shop/data"], configs: [site] }\n  idle: { build: ., scale: 0 }\nvolumes: { data: {} }\nconfigs: { site: { content: text } }\n',
			'app.sh': 'echo made >/made-by-start\nwhile :; do sleep 600; done\n',
		}));
		await site.deploy();
		const web = `${site.token}-web-1`;
		const plan = async () => {
			const said = await site.backout('plan', 'rollback-commit', '--input', `commit=${first}`);
			expect(said.code, said.text).toBe(0);
			return said.text;
		};
		expect(await plan()).not.toContain('written in it');
		// As by hand, long after the start.
		const files =
			'/app.sh /up/one /up/two /var/lib/shop/three /var/lib/shop/data/four /tmp/five /lib/__pycache__/six.pyc /run.pid';
		await site.docker(
			'exec',
			web,
			'sh',
			'-c',
			`for f in ${files}; do mkdir -p "\${f%/*}"; touch -d 2001-01-01 "$f"; done`,
		);
		expect(await plan()).toContain(
			`${web} is made anew, and neither the new container nor an undo has what was written in it outside of volumes: /app.sh, /up (2 files), /var/lib/shop/three. To keep it, copy it first: docker cp ${web}:/app.sh .`,
		);
	});
});
