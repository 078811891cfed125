import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { rightsOf } from '../../../src/engines/kubernetes/doctor/rights.ts';

interface Rule {
	readonly apiGroups: readonly string[];
	readonly resources: readonly string[];
	readonly verbs: readonly string[];
}

test('the Role of the runner in the documentation has every right in the namespace that doctor asks for', () => {
	const file = join(import.meta.dirname, '../../../docs/examples/kubernetes-runner.yaml');
	const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
	const rules = objects.find(({ kind }) => kind === 'Role').rules as readonly Rule[];
	// Nodes belong to the whole cluster, and a drain needs them.
	const { nodes: _, drain: __, ...purposes } = rightsOf;
	const missing = Object.values(purposes)
		.flat()
		.filter(({ verb, group, resource, subresource }) => {
			const object = subresource === undefined ? resource : `${resource}/${subresource}`;
			return !rules.some(
				(rule) => rule.apiGroups.includes(group) && rule.resources.includes(object) && rule.verbs.includes(verb),
			);
		});
	expect(missing).toEqual([]);
});
