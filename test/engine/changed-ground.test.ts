import { describe, expect } from 'vitest';
import { dockerfile, plainProject, serves } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';
import { differences } from './harness/snapshot.ts';

/** Confirms a plan after something else has happened; wants the run to be refused and nothing to be changed by it. */
const refusedAfter = async (site: Site, args: readonly string[], happens: () => Promise<unknown>): Promise<void> => {
	const pty = site.open(...args);
	try {
		await pty.waitFor('y or N');
		await happens();
		const before = await site.snapshot();
		pty.send('y\r');
		const { code } = await pty.exited;
		const said = pty.screen().join('\n');
		expect(differences(before, await site.snapshot(), 'containers'), said).toEqual([]);
		expect(code, said).toBe(4);
	} finally {
		await pty.close();
	}
};

const rollback = (first: string) => ['run', 'rollback-commit', '--input', `commit=${first}`];

const deployed = async (site: Site): Promise<string> => {
	const first = await twoVersions(site);
	await site.deploy();
	return first;
};

describe.skipIf(withoutEngine)('a plan that was confirmed is refused when its ground has changed', () => {
	test('by another deployment of a newer commit', async ({ openSite }) => {
		const site = await openSite();
		const first = await deployed(site);
		await refusedAfter(site, rollback(first), async () => {
			await site.commit('version 3, the fix', plainProject('3'));
			await site.deploy();
		});
	});

	test('by a commit that is not deployed yet', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await deployed(site);
		await refusedAfter(site, rollback(first), () => site.commit('version 3', plainProject('3')));
	});

	test('by another branch that was checked out', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await deployed(site);
		await refusedAfter(site, rollback(first), () => site.git('checkout', '-q', '-b', 'hotfix'));
	});

	test('by another image of the service, of the same commit', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await deployed(site);
		await refusedAfter(site, rollback(first), async () => {
			site.write({ Dockerfile: dockerfile('2', 'ENV REBUILT=1\n') });
			await site.deploy();
			await site.git('checkout', '-q', '--', 'Dockerfile');
		});
	});

	test('by an edit of the Compose file', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		await site.commit('version 1', plainProject('1'));
		await site.deploy();
		const image = (await site.containers())[0]?.image;
		await site.commit('version 2', plainProject('2'));
		await site.deploy();
		await refusedAfter(site, ['run', 'rollback-image', '--input', `image=${image}`], async () => {
			site.write({ 'compose.yaml': 'services:\n  web: { build: ., restart: "no", environment: { DEBUG: "1" } }\n' });
		});
	});

	test('by an edit of .env', async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': '.env*\n', '.env': 'MODE=live\n' });
		const first = await twoVersions(site, () => ({
			'compose.yaml': 'services:\n  web: { build: ., restart: always, environment: { MODE: "${MODE}" } }\n',
		}));
		await site.deploy();
		await refusedAfter(site, rollback(first), async () => site.write({ '.env': 'MODE=test\n' }));
	});

	test('by another content of the file that was chosen', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': '.env*\n', '.env': 'MODE=broken\n', '.env.good': 'MODE=live\n' });
		await site.commit('one', {
			'compose.yaml': 'services:\n  web: { build: ., restart: always, environment: { MODE: "${MODE}" } }\n',
			Dockerfile: dockerfile('1'),
			'app.sh': serves,
		});
		await site.deploy();
		const source = `source=env:${site.directory}/.env.good`;
		await refusedAfter(site, ['run', 'config-error', '--input', source], async () =>
			site.write({ '.env.good': 'MODE=somebody-elses\n' }),
		);
	});

	test('by another deployment before an undo', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await deployed(site);
		const said = await site.backout(...rollback(first), '--yes');
		expect(said.code, said.text).toBe(0);
		await refusedAfter(site, ['undo', 'last'], async () => {
			await site.commit('version 3', plainProject('3'));
			await site.deploy();
		});
	});
});
