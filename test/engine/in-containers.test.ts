import { describe, expect } from 'vitest';
import { dockerfile, serves } from './harness/files.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';

const runbook = (script: string): string => `extends: compose
verification: { checks: [containers], settle: 1s, deadline: 20s }
procedures:
  inside:
    title: Work inside a container
    group: Scenarios
    risk: disruptive
    restorePoint: false
    steps:
      - id: work
        title: Work
        run: |
          ${script.split('\n').join('\n          ')}
`;

const files = {
	'compose.yaml': 'services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n',
	Dockerfile: dockerfile('1'),
	'app.sh': serves,
};

describe.skipIf(withoutEngine)('what a step starts inside a container', () => {
	const others = [
		['Compose', 'docker compose --ansi never -f compose.yaml exec -T web sh -c "echo inside; sleep 9872"'],
		[
			'docker container exec, with options before it',
			'docker --log-level error container exec "$(docker compose ps -q web)" sh -c "echo inside; sleep 9874"',
		],
	] as const;
	const isEnded = async ([, script]: readonly [string, string], { openSite }: WithSite): Promise<void> => {
		const site = await openSite({ runbook: runbook(script) });
		await site.commit('one', files);
		await site.deploy();
		const running = async () => (await site.docker('ps', '-q', '--filter', `name=${site.token}`)).split('\n').length;
		const before = await running();
		// The others of these tests go on beside it.
		const sleep = /sleep \d+/.exec(script)?.[0];
		const run = site.backout('run', 'inside', '--yes', '--json');
		await expect
			.poll(async () => site.sh(`cat ${site.state}/runs/*/out 2>/dev/null || true`), { timeout: 60_000 })
			.toContain('inside');
		expect(await site.sh(`pgrep -f "^${sleep}" || true`)).not.toBe('');
		const cancel = await site.backout('cancel', 'last');
		expect(cancel.text).toContain('none of its processes is left on the host');
		expect(await site.sh(`pgrep -f "^${sleep}" || true`)).toBe('');
		expect(await running()).toBe(before);
		await run;
	};
	test.for([
		['docker exec', 'docker exec "$(docker compose ps -q web)" sh -c "echo inside; sleep 9871"'],
		['a container of its own', 'docker compose run -T --rm web sh -c "echo inside; sleep 9873"'],
	] as const)('by %s is ended by a cancel', isEnded);
	test.for(others)('by %s is ended by a cancel', { tags: 'long' }, isEnded);
});
