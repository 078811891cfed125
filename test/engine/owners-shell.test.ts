import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serves } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';

const policy = 'restart: always, stop_grace_period: 2s';

/** What of the service uses a variable that only the shell of its owner has, and the loss that this is. */
const uses: Readonly<Record<string, readonly [service: string, loss: string, reason: string]>> = {
	'a part of a variable': [
		'build: ., environment: { DSN: "pg://shop:${PW}@db" }',
		'web:environment:DSN',
		'variable DSN of web would be made without PW',
	],
	'a part of a label': [
		'build: ., labels: { rule: "Host(${PW})" }',
		'web:label:rule',
		'label rule of web would be made without PW',
	],
	'a part of the command': [
		'build: ., command: ["sh", "/app.sh", "--key=${PW}"]',
		'web:setting:command',
		'setting command of web would be made without PW',
	],
	'an argument of the build': [
		'build: { context: ., args: { KEY: "${PW}", HTTP_PROXY: "${NOBODY_HAS_IT}" } }',
		'web:build-argument:KEY',
		'build argument KEY of web would be made without NOBODY_HAS_IT, PW',
	],
};

describe.skipIf(withoutEngine)('a variable that only the shell of the owner has is', () => {
	const isRefused = async (name: string, { openSite }: WithSite): Promise<void> => {
		const [service, loss, reason] = uses[name] ?? ['', '', ''];
		const site = await openSite();
		const files = (version: string) => ({
			'compose.yaml': `services:\n  web: { ${service}, ${policy} }\n`,
			Dockerfile: name.includes('build')
				? `FROM ${baseImage}\nARG KEY\nENV KEY=$KEY\nLABEL test.version=${version}\nCOPY app.sh /app.sh\nCMD ["sh", "/app.sh"]\n`
				: dockerfile(version),
			'app.sh': serves,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.sh('PW=secret docker compose up -d --build');
		const run = ['rollback-commit', '--input', `commit=${first}`];
		const judged = await judgeRun(site, run, () => ['it was made without it']);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.text]).toEqual(['refused', expect.stringContaining(reason)]);
		expect(judged.text).toContain(`--allow ${loss}`);
		// Where the file for it is found, nothing is lost.
		site.write({ '.env': 'PW=secret\n' });
		const again = await judgeRun(site, run, runs({ web: '1' }));
		expect(again.findings, again.text).toEqual([]);
		expect(again.outcome, again.text).toBe('verified');
	};
	/** Nobody has ever set the variable of the build argument: the running image shows that it was built without. */
	test('no reason to refuse a plan, where the history of the image shows that it was empty', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const files = (version: string) => ({
			'compose.yaml': `services:\n  web: { build: { context: ., network: host, args: { SHA: "\${SHA}" } }, ${policy} }\n`,
			Dockerfile: `FROM ${baseImage}\nARG SHA\nRUN echo "$SHA" >/sha\nLABEL test.version=${version}\nCOPY app.sh /app.sh\nCMD ["sh", "/app.sh"]\n`,
			'app.sh': serves,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		const run = ['rollback-commit', '--input', `commit=${first}`];
		await site.sh('docker compose up -d --build');
		const judged = await judgeRun(site, run, runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		expect(judged.outcome, judged.text).toBe('verified');
	});

	test('a loss that a guard accepts only by its name, and at its start', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const files = (version: string) => ({
			'compose.yaml': `services:\n  web: { build: ., labels: { rule: "Host(\${PW})" }, ${policy} }\n`,
			Dockerfile: dockerfile(version),
			'app.sh': serves,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.sh('PW=secret docker compose up -d --build');
		const guard = (...more: string[]) =>
			site.backout(
				...['guard', '--procedure', 'rollback-commit', '--input', `commit=${first}`],
				...['--for', '3s', '--grace', '0s', '--interval', '1s', '--yes', ...more],
			);
		const refused = await guard();
		expect([refused.code, refused.text]).toEqual([4, expect.stringContaining('--allow web:label:rule')]);
		const allowed = await guard('--allow', 'web:label:rule');
		expect(allowed.text).toMatch(/Guarding t for 3 ?s/);
		expect(allowed.code, allowed.text).toBe(0);
		const blocked = await guard('--allow', 'version:blocked:20260101T000000Z-abcdef');
		expect([blocked.code, blocked.text]).toEqual([2, expect.stringContaining('never goes back to a blocked version')]);
	});

	test.for(Object.keys(uses))('%s: nothing is made without it', { tags: 'long' }, isRefused);
});
