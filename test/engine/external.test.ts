import { describe, expect } from 'vitest';
import { dockerfile, serves } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun } from './harness/judge.ts';

const kinds = {
	network: { use: 'networks: [outside]', key: 'networks' },
	volume: { use: 'volumes: ["outside:/data"]', key: 'volumes' },
} as const;

/** Wants a refusal; with `andThen` also that it is rolled back when that was created. */
const isRefused = async (kind: keyof typeof kinds, { openSite }: WithSite, andThen = false): Promise<void> => {
	const site = await openSite();
	const name = `outside-${site.token}`;
	const { use, key } = kinds[kind];
	const files = (version: string, uses: boolean) => ({
		'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s${uses ? `, ${use}` : ''} }\n${uses ? `${key}: { outside: { external: true, name: ${name} } }\n` : ''}`,
		Dockerfile: dockerfile(version),
		'app.sh': serves,
	});
	const first = await site.commit('one', files('1', true));
	await site.commit('two', files('2', false));
	await site.deploy();
	const run = ['rollback-commit', '--input', `commit=${first}`];
	const refused = await judgeRun(site, run, () => ['what it needs is not there']);
	expect([refused.findings, refused.outcome], refused.text).toEqual([[], 'refused']);
	expect(refused.text).toContain(`${kind} ${name}: the new files say that it is external, and Docker does not have it`);
	if (!andThen) {
		return;
	}
	await site.docker(kind, 'create', name);
	const judged = await judgeRun(site, run, (now) =>
		now.containers.filter(({ version }) => version !== '1').map((item) => `${item.service} runs ${item.version}`),
	);
	expect([judged.findings, judged.outcome], judged.text).toEqual([[], 'verified']);
};

describe.skipIf(withoutEngine)(
	'a commit that needs what Compose does not create is refused where it is not there',
	() => {
		test('a network', ({ openSite }) => isRefused('network', { openSite }));
		test('a volume', { tags: 'long' }, ({ openSite }) => isRefused('volume', { openSite }, true));
	},
);
