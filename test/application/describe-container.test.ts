import { expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { describeContainer } from '../../src/application/watching/describe-container.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';

const imageHistory = [
	{ createdAt: 1000, command: 'RUN curl -u app:hunter-22-x https://a && x tr4ding-k3y-9', bytes: 1 },
];

const session = (environment: readonly (readonly [string, string])[], output = '') => {
	const memory = createMemoryEngine();
	memory.put({ id: 'web', probes: [{ endedAt: 1000, exitCode: 1, output }], startedAt: 2000 });
	const engine = {
		...memory,
		// The host's clock is an hour behind.
		clock: { now: () => Date.now(), toLocal: (time: number) => time + 3_600_000 },
		describe: async (id: string) => {
			const described = await memory.describe(id);
			return described && { ...described, environment, command: ['serve', '--key', 'tr4ding-k3y-9'], imageHistory };
		},
	};
	// The host does not answer: what the container's own settings call secret is masked all the same.
	return { engine, host: {}, target: {}, readOnly: true } as unknown as Session;
};

test('nothing secret of a container is shown, wherever it stands', async () => {
	const described = await describeContainer(
		session(
			[
				['MODE', 'paper'],
				['API_TOKEN', 'tr4ding-k3y-9'],
				['DB_URL', 'postgres://app:hunter-22-x@db/app'],
				['DB_PASSWORD_FILE', '/run/secrets/db'],
				['PIN', '4711'],
			],
			'GET /?key=tr4ding-k3y-9 failed',
		),
		'web',
	);
	const text = JSON.stringify(described);
	expect(text).not.toContain('tr4ding-k3y-9');
	expect(text).not.toContain('hunter-22-x');
	expect(text).not.toContain('4711');
	expect(Object.fromEntries(described?.environment ?? [])).toMatchObject({
		MODE: 'paper',
		DB_PASSWORD_FILE: '/run/secrets/db',
		API_TOKEN: expect.stringMatching(/^••••/),
		PIN: expect.stringMatching(/^••••/),
	});
	expect(described?.instance.probes[0]?.output).toContain('••••');
	expect(described?.imageHistory?.[0]?.command).toContain('RUN curl');
});

test('its times are those of this machine', async () => {
	const { instance, imageHistory: history } = (await describeContainer(session([]), 'web')) ?? {};
	expect(instance?.startedAt).toBe(3_602_000);
	expect(history?.[0]?.createdAt).toBe(3_601_000);
	expect(instance?.probes[0]?.endedAt).toBe(3_601_000);
});

test('one that is gone is not described', async () => {
	expect(await describeContainer(session([]), 'other')).toBeUndefined();
});
