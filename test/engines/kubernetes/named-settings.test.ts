import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { namesSetting } from '../../../src/engines/kubernetes/overwritten.ts';
import { functions } from '../../kubernetes/harness/shell.ts';

/** A specification in which all that can have a name has another one. */
const spec = {
	selector: { matchLabels: { name: 'label' } },
	template: {
		spec: {
			serviceAccountName: 'account',
			imagePullSecrets: [{ name: 'registry' }],
			containers: [
				{
					name: 'container',
					ports: [{ name: 'port', containerPort: 80 }],
					envFrom: [{ configMapRef: { name: 'all-words' } }, { secretRef: { name: 'all-keys' } }],
					env: [
						{ name: 'value', value: 'text' },
						{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'level', key: 'level' } } },
						{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'password', key: 'password' } } },
					],
					volumeMounts: [{ name: 'mounted', mountPath: '/mounted' }],
				},
			],
			volumes: [
				{ name: 'volume', configMap: { name: 'files' } },
				{ name: 'mounted', secret: { secretName: 'certificate' } },
				{
					name: 'both',
					projected: { sources: [{ configMap: { name: 'part' } }, { secret: { name: 'secret-part' } }] },
				},
				{ name: 'claim', persistentVolumeClaim: { claimName: 'claimed' } },
			],
		},
	},
};
const named = [
	...['all-words', 'files', 'level', 'part'].map((name) => `configmap ${name}`),
	...['all-keys', 'certificate', 'password', 'secret-part'].map((name) => `secret ${name}`),
];
const words = [...new Set(JSON.stringify(spec).match(/[\w-]+/g))];

test('a workload reads the ConfigMaps and Secrets that its specification names, each by its kind, and nothing else', () => {
	const found = ['configmap', 'secret'].flatMap((kind) =>
		words.filter((name) => namesSetting({ spec }, { kind, name })).map((name) => `${kind} ${name}`),
	);
	expect(found.toSorted()).toEqual(named);
});

test.each([[['dash']], [['bash', '--posix']], [['busybox', 'sh']]])('%s: the shell names the same', (shell) => {
	const [command = 'sh', ...options] = shell;
	const input = `${functions()}\nsettings_of <<'END'\n${JSON.stringify(spec)}\nEND\n`;
	expect(
		execFileSync(command, [...options, '-s'], { input, encoding: 'utf8' })
			.trimEnd()
			.split('\n'),
	).toEqual(named);
});
