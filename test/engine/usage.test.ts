import { describe, expect } from 'vitest';
import type { Usage } from '../../src/engine/instance.ts';
import { createComposeEngine } from '../../src/engines/compose/engine.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { baseImage } from './harness/base-image.ts';
import { test, withoutEngine } from './harness/index.ts';

const mean = (uses: readonly (Usage | undefined)[]): number => {
	const values = uses.flatMap((use) => use?.cpuPercent ?? []);
	return values.reduce((sum, value) => sum + value, 0) / values.length;
};

describe.skipIf(withoutEngine)('what containers use', () => {
	test('is the same from their control groups as from Docker', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const use = (script: string, rest: string) =>
			`{ image: "${baseImage}", command: [sh, -c, '${script}'], stop_grace_period: 0s, ${rest} }`;
		site.write({
			'compose.yaml': `services:
  busy: ${use('head -c 9000000 /dev/urandom >/tmp/file; while :; do :; done', 'cpus: 0.2, mem_limit: 64m')}
  idle: ${use('sleep 600', 'init: true')}
  apart: ${use('sleep 600', 'cgroup_parent: /backout-test')}
`,
		});
		await site.compose('up', '-d');
		const ids = (await site.docker('ps', '-q', '--no-trunc', '--filter', `name=${site.token}`)).trim().split('\n');
		expect(ids).toHaveLength(3);
		const host = new LocalHost({ env: site.env as NodeJS.ProcessEnv });
		const engine = createComposeEngine(host, {
			project: site.token,
			directory: site.directory,
			projectGiven: true,
		});
		const { signal } = new AbortController();
		let isOver = false;
		/** Reads for as long as the others do: it is the same time that is compared. */
		const together = async () => {
			const all: ReadonlyMap<string, Usage | undefined>[] = [];
			for await (const uses of engine.usageOfAll(() => ids, { signal })) {
				all.push(uses);
				if (isOver) {
					break;
				}
			}
			return all;
		};
		const each = async (id: string) => {
			const all: Usage[] = [];
			for await (const one of engine.usage(id, { signal })) {
				all.push(one);
				if (all.length === 5) {
					break;
				}
			}
			return all;
		};
		const reading = together();
		const docker = await Promise.all(ids.map(each));
		isOver = true;
		const samples = await reading;
		for (const [at, id] of ids.entries()) {
			const [mine, theirs] = [samples.map((uses) => uses.get(id)), docker[at] ?? []];
			const [newest, said] = [mine.at(-1), theirs.at(-1)];
			expect(newest?.memoryLimitBytes).toBe(said?.memoryLimitBytes);
			expect(Math.abs((newest?.memoryBytes ?? 0) - (said?.memoryBytes ?? 0))).toBeLessThan(200_000);
			expect(Math.abs(mean(mine) - mean(theirs))).toBeLessThan(2 + 0.3 * mean(theirs));
		}
		expect(Math.max(...docker.map(mean))).toBeGreaterThan(5);
		await host.close();
	});
});
