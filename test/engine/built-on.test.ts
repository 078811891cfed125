import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { serves } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, type Wanted } from './harness/judge.ts';
import type { Site } from './harness/site.ts';

const base = (version: string) => ({
	'base/Dockerfile': `FROM ${baseImage}\nLABEL test.version=${version}\nCOPY base.txt base.sh /\n`,
	'base/base.txt': `base ${version}\n`,
	'base/base.sh': serves,
});
const onTop = (from: string, version: string) =>
	`${from}\nLABEL test.version=${version}\nCOPY app.sh /app.sh\nCMD ["sh", "/app.sh"]\n`;
const web = '{ build: ., restart: always, stop_grace_period: 2s }';

/** Wants version 1 on the base of version 1. */
const whole =
	(site: Site): Wanted =>
	async (now) => {
		const [container] = now.containers.filter(({ service }) => service === 'web');
		const has = await site.docker('exec', `${site.token}-web-1`, 'cat', '/base.txt').catch(() => 'nothing');
		return container?.version === '1' && has.trim() === 'base 1'
			? []
			: [`web runs version ${container?.version} on ${has.trim()}`];
	};

describe.skipIf(withoutEngine)('an image that begins with what another service builds', () => {
	test('is built on the base of the same commit, where that is in a profile nobody uses', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const files = (version: string) => ({
			'compose.yaml': `services:\n  web: ${web}\n  base: { build: base, image: "base-${site.token}", profiles: [build] }\n`,
			...base(version),
			Dockerfile: onTop(`FROM base-${site.token}`, version),
			'app.sh': serves,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		await site.compose('build', 'base');
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], whole(site));
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});

	test('is built after its bases, in a row of three, which arguments name', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const tools = `tools-${site.token}`;
		const files = (version: string) => ({
			// In the order of their names web comes last, and what it begins with is not to be waited for.
			'compose.yaml': `services:
  web: { build: { context: ., args: { TOOLS: "${tools}" } }, restart: always, stop_grace_period: 2s }
  xtools: { build: { context: ., dockerfile_inline: "FROM ${site.token}-zbase\\nCOPY tools.txt /tools.txt\\n" }, image: "${tools}", scale: 0 }
  zbase: { build: base, command: ["sh", "/base.sh"], restart: always, stop_grace_period: 2s }
`,
			...base(version),
			'tools.txt': `tools ${version}\n`,
			Dockerfile: onTop('ARG TOOLS=elsewhere:1\nFROM ${TOOLS} AS all', version),
			'app.sh': serves,
		});
		const first = await site.commit('one', files('1'));
		await site.commit('two', files('2'));
		for (const service of ['zbase', 'xtools', 'web']) {
			await site.compose('build', service);
		}
		await site.compose('up', '-d');
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], whole(site));
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});
});
