import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { functions } from '../../kubernetes/harness/shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'backout-difference-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pod = (tag: string, value: string, extra: object = {}) => ({
	metadata: { creationTimestamp: null, labels: { app: 'web' } },
	spec: {
		containers: [
			{
				env: [
					{ name: 'WORD', value },
					{ name: 'LEVEL', valueFrom: { configMapKeyRef: { key: 'level', name: 'settings' } } },
				],
				envFrom: [{ secretRef: { name: 'keys' } }],
				image: `shop:${tag}`,
				name: 'web',
				ports: [{ containerPort: 80 }],
				...extra,
			},
		],
		volumes: [{ name: 'files', projected: { sources: [{ configMap: { name: 'files' } }] } }],
	},
});

/** Runs a call of the engine's functions in a shell; `now` and `then` are files. */
const call = (shell: readonly string[], script: string): string => {
	const [command = 'sh', ...words] = shell;
	return execFileSync(command, [...words, '-s'], {
		cwd: folder,
		input: `${functions()}\n${script}\n`,
		encoding: 'utf8',
	});
};

/** A workload's row, as far as its owners are looked for. */
const owned = (name: string, labels: object, annotations: object = {}): string =>
	[name, `deployment/${name}`, ...Array(8).fill('-'), JSON.stringify({ labels, annotations }), '-', '-'].join('\t');
const flux = (controller: string, namespace: string) => ({
	[`${controller}.toolkit.fluxcd.io/name`]: 'shop',
	[`${controller}.toolkit.fluxcd.io/namespace`]: namespace,
});

describe.each([[['dash']], [['bash', '--posix']], [['busybox', 'sh']]])('%s', (shell) => {
	test('Flux would put back what a Kustomization or a HelmRelease owns, and the refusal says how to suspend it', () => {
		const rows = [
			owned('alone', flux('kustomize', 'flux-system'), { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' }),
			owned('api', flux('helm', 'shop')),
			owned('web', flux('kustomize', 'flux-system')),
		];
		writeFileSync(join(folder, 'rows'), `${rows.join('\n')}\n`);
		expect(call(shell, 'workload_rows() { cat rows; }; cluster() { return 1; }; not_reverted || :')).toBe(
			'it would be put back: api: Flux, HelmRelease shop/shop, with its next upgrade or at once; web: Flux, Kustomization flux-system/shop. Revert in git, or suspend the synchronisation (flux suspend helmrelease shop -n shop; flux suspend kustomization shop -n flux-system) and set the variable gitops to allow\n',
		);
	});

	test('elements of lists go by their names, and no value of a variable is shown', () => {
		writeFileSync(join(folder, 'now'), JSON.stringify(pod('2', 'secret-2', { args: ['-v'] })));
		writeFileSync(join(folder, 'then'), JSON.stringify(pod('1', 'secret-1')));
		expect(call(shell, 'json_difference now then')).toBe(`now   containers[web].args.0 "-v"
now   containers[web].env[WORD].value (not shown)
then  containers[web].env[WORD].value (not shown)
now   containers[web].image "shop:2"
then  containers[web].image "shop:1"
`);
	});

	test('the settings of a spec are found wherever they are named', () => {
		writeFileSync(join(folder, 'now'), JSON.stringify(pod('2', 'x')));
		expect(call(shell, 'settings_of <now')).toBe('configmap files\nconfigmap settings\nsecret keys\n');
	});

	test('a restart is no difference between specs, and neither is the number of pods', () => {
		const spec = { replicas: 2, template: pod('1', 'x') };
		writeFileSync(join(folder, 'now'), JSON.stringify(spec));
		writeFileSync(join(folder, 'then'), JSON.stringify({ ...spec, replicas: 3 }));
		expect(call(shell, 'with_restart <now')).toMatch(/"annotations":\{"kubectl.kubernetes.io\/restartedAt":"20/);
		const plain = call(shell, 'plain_spec <then');
		expect(call(shell, 'with_restart <now | with_restart | plain_spec')).toBe(plain);
		expect(plain).not.toContain('replicas');
	});
});
