import { describe, expect } from 'vitest';
import type { InstanceEvent } from '../../src/engine/instance.ts';
import { logLines } from '../../src/services/logs/log-lines.ts';
import { image } from '../nodes/images.ts';
import { openEngine } from './harness/engine.ts';
import { kubernetesTest, withoutCluster } from './harness/index.ts';
import { type ApiProxy, openProxy } from './harness/proxy.ts';

const test = kubernetesTest.extend<{ readonly proxy: ApiProxy }>({
	proxy: async ({ cluster }, use) => {
		const proxy = await openProxy(cluster.env.KUBECONFIG ?? '');
		await use(proxy);
		await proxy.close();
	},
});
const long = { tags: ['long'] };
const two = (version: '1' | '2') => [image(version), image(version)];

describe.skipIf(withoutCluster !== undefined)('a connection to the API server that falls silent without a word', () => {
	test(
		'hides nothing: what the watch does not tell is found by a look',
		long,
		async ({ cluster, openDeployment, proxy }) => {
			const deployment = await openDeployment();
			await deployment.apply();
			await deployment.runs('web', two('1'));
			await using opened = openEngine(cluster, deployment, proxy.kubeconfig);
			const { engine } = opened;
			const over = new AbortController();
			const listening = Promise.withResolvers<void>();
			const told: InstanceEvent[] = [];
			const reading = (async () => {
				for await (const event of engine.events({ signal: over.signal, onOpen: listening.resolve })) {
					told.push(event);
				}
			})().catch(() => {});
			try {
				await listening.promise;
				const [first] = (await engine.list()).filter(({ service }) => service === 'web');
				proxy.silenceOld();
				await deployment.kubectl('delete', 'pod', first?.name ?? '', '--wait=false');
				await expect
					.poll(() => told.filter(({ id }) => id === first?.id).map(({ action }) => action), { timeout: 90_000 })
					.toEqual(['kill', 'die', 'destroy']);
				proxy.silence();
				await expect(engine.list()).rejects.toThrow('cannot read the deployment: the API server does not answer');
				proxy.speak();
				await deployment.runs('web', two('1'));
				expect((await engine.list()).filter(({ service }) => service === 'web')).toHaveLength(2);
				const [next] = (await engine.list()).filter(({ service }) => service === 'web');
				await deployment.kubectl('delete', 'pod', next?.name ?? '', '--wait=false');
				await expect
					.poll(() => told.filter(({ id }) => id === next?.id).map(({ action }) => action), { timeout: 120_000 })
					.toContain('destroy');
			} finally {
				over.abort(new Error('the test is over'));
				await reading;
			}
		},
	);

	test(
		'breaks a followed log off within a minute, so that whoever follows it reads it anew',
		long,
		async ({ cluster, openDeployment, proxy }) => {
			const deployment = await openDeployment();
			await deployment.apply();
			await deployment.runs('web', two('1'));
			await using opened = openEngine(cluster, deployment, proxy.kubeconfig);
			const { engine } = opened;
			const [web] = (await engine.list()).filter(({ service }) => service === 'web');
			const options = { follow: true, signal: AbortSignal.timeout(150_000) };
			const lines: string[] = [];
			const following = (async () => {
				for await (const { text } of logLines(engine, { id: web?.id ?? '', tty: false }, options)) {
					lines.push(text);
				}
			})();
			following.catch(() => {});
			await expect.poll(() => lines.length, { timeout: 60_000 }).toBeGreaterThan(0);
			proxy.silenceOld();
			await expect(following).rejects.toThrow(/cannot follow the log|ended/);
			expect(options.signal.aborted).toBe(false);
		},
	);

	test(
		'in the middle of a rollback is unknown until it is back, and the run goes on',
		long,
		async ({ openDeployment, openFor, proxy }) => {
			const deployment = await openDeployment();
			await deployment.apply({ web: '1' });
			await deployment.runs('web', two('1'));
			await deployment.apply({ web: '2' });
			await deployment.runs('web', two('2'));
			const place = openFor(deployment);
			place.env.KUBECONFIG = proxy.kubeconfig;
			let text = '';
			const run = place.backout('run', 'rollback-revision', '--yes', '--reason', 'test').then((said) => {
				text = said.text;
				return said;
			});
			const path = '{.spec.template.spec.containers[0].image}';
			const now = () => deployment.kubectl('get', 'deployment', 'web', '-o', `jsonpath=${path}`);
			await expect.poll(async () => text || (await now()), { timeout: 300_000, interval: 500 }).toBe(image('1'));
			proxy.silence();
			const verified = await place.backout('verify');
			expect(verified.text).toMatch(/Converged: unknown, .*the API server does not answer/);
			expect(verified.code, verified.text).not.toBe(0);
			proxy.speak();
			const said = await run;
			expect(said.code, said.text).toBe(0);
			expect(said.text).toMatch(/Converged: passed/);
			await deployment.runs('web', two('1'));
		},
	);
});
