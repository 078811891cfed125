import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKubernetesEngine } from '../../../src/engines/kubernetes/engine.ts';
import { createChangedSettings, overwrittenIn, sumOfSpec } from '../../../src/engines/kubernetes/overwritten.ts';
import { readRecords } from '../../../src/engines/kubernetes/records.ts';
import { converged } from '../../../src/services/checks/converged.ts';
import { LocalHost } from '../../../src/services/host/local-host.ts';
import { openHost } from '../../kubernetes/harness/shell.ts';
import { deploymentOf, openPlayedCluster, type PlayedCluster, podOf } from './played-cluster.ts';
import { recorded, textOf } from './snapshots.ts';

let cluster: PlayedCluster;
let host: LocalHost;
beforeEach(() => {
	cluster = openPlayedCluster();
	host = new LocalHost({ env: { ...process.env, ...cluster.environment } });
});
afterEach(async () => {
	await host.close();
	cluster.close();
});

const web = deploymentOf('web');
const specOf = (change: object = {}) => JSON.stringify({ ...(web[0].spec as object), ...change });

const check = async (facts?: Readonly<Record<string, string>>) => {
	const engine = createKubernetesEngine(host, { project: 'shop', directory: '/', kubernetes: { namespace: 'shop' } });
	const context = { engine, facts } as Parameters<typeof converged.run>[1]['context'];
	return converged.run({ except: [] } as never, { context } as never)(AbortSignal.timeout(20_000));
};

describe('after a run, the check converged', () => {
	test('passes while a workload is what the run has made of it', async () => {
		cluster.put([...web, podOf('web-1', 'web')]);
		expect((await check({ 'wrote.deployment/web': `${sumOfSpec(specOf())} 1` })).state).toBe('passed');
		// An autoscaler may have changed the number of pods.
		expect((await check({ 'wrote.deployment/web': `${sumOfSpec(specOf({ replicas: 4 }))} -` })).state).toBe('passed');
	});

	test.for([
		['the specification', `${sumOfSpec(specOf({ template: {} }))} -`],
		['the number of pods', `${sumOfSpec(specOf())} 3`],
	] as const)('fails for good where somebody has changed %s, although all pods are well', async ([, fact]) => {
		cluster.put([...web, podOf('web-1', 'web')]);
		expect((await check()).state).toBe('passed');
		expect(await check({ 'wrote.deployment/web': fact })).toMatchObject({
			state: 'failed',
			reason: 'web: somebody has changed it since the run did, so it is not what the run made of it',
			hopelessSince: expect.any(Number),
		});
	});
});

test('the sum of a specification is that of the shell, byte for byte', async () => {
	const { workloads } = readRecords(textOf(recorded));
	const shell = openHost('shop', cluster.environment);
	try {
		for (const { kind, name, specText } of workloads) {
			const said = await shell.must(`sum_of "$(printf '{"spec":%s}\\n' "$given" | json_row 'spec!replicas')"`, {
				given: specText,
			});
			expect(said, `${kind} ${name}`).toBe(sumOfSpec(specText));
			const fact = { [`wrote.${kind.toLowerCase()}/${name}`]: `${said} -` };
			expect(overwrittenIn(workloads, fact)).toEqual([]);
		}
	} finally {
		shell.remove();
	}
	expect(sumOfSpec('{"a":"\\"replicas\\":2,","replicas":2}')).toBe(sumOfSpec('{"a":"\\"replicas\\":2,"}'));
	expect(sumOfSpec('{"replicas":2,"a":{"replicas":1}}')).toBe(sumOfSpec('{"replicas":3,"a":{"replicas":1}}'));
});

describe('a ConfigMap that a run has written', () => {
	/** kubectl as far as settings are read; who has changed one is asked for its managed fields. */
	const play = (content: string) => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-setting-'));
		writeFileSync(
			join(folder, 'kubectl'),
			`#!/bin/sh
case "$*" in
	*managedFields*) printf '2026-11-29T22:00:00Z backout\\n2026-11-29T22:01:00Z kustomize-controller\\n2026-11-29T21:00:00Z kubectl\\n' ;;
	*) echo '{"metadata":{"name":"settings"},"data":{"mode":"${content}"}}' ;;
esac
`,
		);
		chmodSync(join(folder, 'kubectl'), 0o755);
		return { folder, env: { PATH: `${folder}:${process.env.PATH}`, KUBECONFIG: '/nowhere' } };
	};

	test.for([
		['right', []],
		[
			'wrong',
			[
				[
					'd-web',
					{ state: 'overwritten', message: 'its configmap settings, kustomize-controller at 2026-11-29T22:01:00Z' },
				],
			],
		],
	] as const)('is compared with its content of now: %s', async ([content, expected]) => {
		const { folder, env } = play(content);
		const own = new LocalHost({ env: { ...process.env, ...env } });
		const shell = openHost('shop', env);
		try {
			const sum = await shell.must(`printf '%s' '{"data":{"mode":"right"}}' | content_sum`);
			const [deployment] = web;
			const spec = { volumes: [{ configMap: { name: 'settings' }, name: 's' }] };
			const workload = { ...deployment, name: 'web', uid: 'd-web', spec } as never;
			const changed = await createChangedSettings(own, { namespace: 'shop' })(
				[workload],
				{ 'wrote.configmap/settings': `${sum} -` },
				AbortSignal.timeout(20_000),
			);
			expect([...changed]).toEqual(expected);
		} finally {
			await own.close();
			shell.remove();
			rmSync(folder, { recursive: true, force: true });
		}
	});
});
