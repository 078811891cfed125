import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { swarmTest, withoutSwarm } from './harness/index.ts';
import type { Host } from './harness/shell.ts';
import { image } from './harness/swarm.ts';

const test = swarmTest({ managers: 1, workers: 1 });
const long = { tags: ['long'] };

interface Runbook {
	readonly variables: Readonly<Record<string, unknown>>;
	readonly inputs: Readonly<Record<string, { readonly choices: string; readonly resolve?: string }>>;
	readonly scripts: Readonly<Record<string, string>>;
}
const runbook: Runbook = parse(readFileSync(join(import.meta.dirname, '../../runbooks/swarm.yaml'), 'utf8'));
const variables = Object.fromEntries(Object.entries(runbook.variables).map(([name, value]) => [name, String(value)]));

/** The choices of an input: value and marks. */
const choicesOf = async (host: Host, input: string, env: Record<string, string>) => {
	const text = await host.must(runbook.inputs[input]?.choices ?? 'exit 1', env);
	return text.split('\n').map((line) => {
		const [value = '', label = '', detail = '', marks = ''] = line.split('\t');
		return { value, label, detail, marks };
	});
};

describe.skipIf(withoutSwarm !== undefined)('the runbook for stacks', () => {
	test('offers what there is, and what was', long, async ({ openStack, openOn }) => {
		const stack = await openStack();
		await stack.deploy({ web: '1', replicas: 1 });
		const host = openOn(stack);
		const env: Record<string, string> = { ...variables, service: 'web', settle: '1', service_limit: '120' };
		const first = await host.must('wait_converged 120 1 >/dev/null && record_deployment');
		await stack.deploy({ web: '2', replicas: 1 });
		const second = await host.must('wait_converged 120 1 >/dev/null && record_deployment');
		const script = (name: string, more: Record<string, string> = {}) =>
			host.run(runbook.scripts[name] ?? 'exit 99', { ...env, ...more });

		const images = await choicesOf(host, 'image', env);
		expect(images.slice(0, 2).map(({ value, marks }) => [value, marks])).toEqual([
			[image('2'), 'current'],
			[image('1'), 'fallback'],
		]);
		for (const input of ['spec', 'deployment']) {
			const kept = await choicesOf(host, input, env);
			const wanted =
				input === 'spec'
					? [[first, 'fallback']]
					: [
							[second, 'current'],
							[first, 'fallback'],
						];
			expect(kept.map(({ value, marks }) => [value, marks])).toEqual(wanted);
		}
		expect((await choicesOf(host, 'stuck', env)).map(({ value }) => value)).toContain('web');
		expect((await choicesOf(host, 'scaled', env)).map(({ value }) => value)).toEqual(['database', 'web']);
		expect((await choicesOf(host, 'restarted', env)).map(({ value }) => value)).toContain('agent');
		expect((await choicesOf(host, 'node', env)).map(({ label }) => label)).toEqual(['node-1', 'node-2']);
		const resolved = await host.must(runbook.inputs.node?.resolve ?? '', { ...env, value: 'node-2' });
		expect(resolved).toMatch(/^[a-z0-9]{25}$/);
		expect(await host.must(runbook.inputs.image?.resolve ?? '', { ...env, value: '1' })).toBe(image('1'));

		expect(await script('image-differs', { image: image('2') })).toMatchObject({ code: 1 });
		expect(await script('spec-fits', { spec: first })).toMatchObject({ code: 0 });
		expect(await script('deployment-fits', { deployment: 'nothing' })).toMatchObject({ code: 1 });
		expect((await script('spec-difference', { spec: first })).text).toContain(`then  Image "${image('1')}"`);
		expect((await script('deployment-difference', { deployment: first })).text).toContain(`then  web\t${image('1')}`);
		expect((await script('update-is-stuck', { stuck: 'web' })).text).toBe('no update of web is paused: completed');
		expect((await script('spec-before-is-known', { stuck: 'web' })).text).toContain('no update to take back');
		expect((await script('others-can-take-it', { node: resolved })).text).toContain(
			'bound to this node, and stop: database',
		);
		expect((await script('services-on-node', { node: resolved })).text).toContain('database');
		expect((await script('tasks-now')).text).toContain(`${stack.name}_web.1`);
	});
});
