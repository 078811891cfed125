import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type Right, readMissingRights, rightsOf, rightsWords } from '../../../src/engines/kubernetes/doctor/rights.ts';
import { LocalHost } from '../../../src/services/host/local-host.ts';

interface Rule {
	readonly apiGroups: readonly string[];
	readonly resources: readonly string[];
	readonly verbs: readonly string[];
}

const docs = join(import.meta.dirname, '../../../docs');

/** The rights that rules do not give. */
const missingIn = (rules: readonly Rule[], rights: readonly Right[]): readonly Right[] =>
	rights.filter(({ verb, group, resource, subresource }) => {
		const object = subresource === undefined ? resource : `${resource}/${subresource}`;
		return !rules.some(
			(rule) => rule.apiGroups.includes(group) && rule.resources.includes(object) && rule.verbs.includes(verb),
		);
	});

test('the Role of the runner in the documentation has every right in the namespace that doctor asks for', () => {
	const text = readFileSync(join(docs, 'examples/kubernetes-runner.yaml'), 'utf8');
	const objects = parseAllDocuments(text).map((document) => document.toJS());
	const rules = objects.find(({ kind }) => kind === 'Role').rules;
	const rights = Object.values(rightsOf).flat();
	expect(
		missingIn(
			rules,
			rights.filter(({ isClusterWide }) => isClusterWide !== true),
		),
	).toEqual([]);
});

test('the ClusterRole of the runner in the documentation has every right in the whole cluster that doctor asks for', () => {
	const text = readFileSync(join(docs, 'kubernetes-runner.md'), 'utf8');
	const [, role = ''] = /```yaml\n( *apiVersion: rbac[^`]*)```/.exec(text) ?? [];
	const { kind, rules } = parse(role);
	expect(kind).toBe('ClusterRole');
	const rights = Object.values(rightsOf).flat();
	expect(
		missingIn(
			rules,
			rights.filter(({ isClusterWide }) => isClusterWide === true),
		),
	).toEqual([]);
});

describe('a login that may do all in its namespace', () => {
	/** kubectl as far as reviews of access are made: what is asked in a namespace is allowed. */
	const play = (): string => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-rights-'));
		writeFileSync(
			join(folder, 'kubectl'),
			`#!/bin/sh
exec awk -F '"' '/resourceAttributes/ { print ($10 == "" ? "false" : "true"), $2, $6 "/" $8, $10 }'
`,
		);
		chmodSync(join(folder, 'kubectl'), 0o755);
		return folder;
	};

	test('is told by doctor which rights in the whole cluster a drain needs, also those that it has in its namespace', async () => {
		const folder = play();
		const host = new LocalHost({
			env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, KUBECONFIG: '/nowhere' },
		});
		try {
			const missing = await readMissingRights(host, { namespace: 'shop' });
			const found = [...missing]
				.filter(([, rights]) => rights.length > 0)
				.map(([purpose, rights]) => [purpose, rightsWords(rights)]);
			expect(found).toEqual([
				['nodes', 'list nodes'],
				['drain', 'get and patch nodes; get and list pods; get daemonsets; create pods/eviction'],
			]);
		} finally {
			await host.close();
			rmSync(folder, { recursive: true, force: true });
		}
	});
});
