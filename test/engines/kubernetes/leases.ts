import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// kubectl as far as the shared lock calls it, for tests: Leases in a file of the folder PLAYED, with versions, and JSON patches that test before they
// change. What is deleted is noted. The real one is called in test/kubernetes.

interface Lease {
	metadata: { name: string; resourceVersion?: string; labels?: object; annotations?: object };
	spec: Record<string, unknown>;
}
interface Operation {
	readonly op: 'test' | 'replace' | 'remove';
	readonly path: string;
	readonly value?: unknown;
}

const file = join(process.env.PLAYED ?? '', 'leases.json');
const leases: Record<string, Lease> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

const fail = (reason: string): never => {
	process.stderr.write(`${reason}\n`);
	process.exit(1);
};
const save = (name: string, lease: Lease): void => {
	lease.metadata.resourceVersion = String(Number(lease.metadata.resourceVersion ?? 0) + 1);
	writeFileSync(`${file}.${process.pid}`, JSON.stringify({ ...leases, [name]: lease }));
	renameSync(`${file}.${process.pid}`, file);
};

const all = process.argv.slice(2);
const words = all.filter((word) => !word.startsWith('-'));
const [verb, , name = ''] = words;
const refusal = join(process.env.PLAYED ?? '', 'refusal');
if (existsSync(refusal)) {
	fail(readFileSync(refusal, 'utf8'));
}
if (verb === 'get' && all.includes('--ignore-not-found')) {
	process.stdout.write(leases[name] === undefined ? '' : JSON.stringify(leases[name]));
} else if (verb === 'get') {
	if (existsSync(join(process.env.PLAYED ?? '', 'no-list'))) {
		fail(readFileSync(join(process.env.PLAYED ?? '', 'no-list'), 'utf8'));
	}
	process.stdout.write(JSON.stringify(Object.values(leases)));
} else if (verb === 'delete') {
	appendFileSync(join(process.env.PLAYED ?? '', 'deleted'), `${words.slice(1).join(' ')}\n`);
} else if (verb === 'create') {
	const slow = join(process.env.PLAYED ?? '', 'slow');
	if (existsSync(slow)) {
		writeFileSync(`${slow}.begun`, '');
		await sleep(Number(readFileSync(slow, 'utf8')));
	}
	const from = all.find((word) => word.startsWith('--filename='))?.slice('--filename='.length) ?? '';
	const lease = JSON.parse(readFileSync(from, 'utf8')) as Lease;
	const { name: created } = lease.metadata;
	if (leases[created] !== undefined) {
		fail(`Error from server (AlreadyExists): leases.coordination.k8s.io "${created}" already exists`);
	}
	save(created, lease);
} else {
	const lease = leases[name] ?? fail(`Error from server (NotFound): leases.coordination.k8s.io "${name}" not found`);
	for (const { op, path, value } of JSON.parse(all[all.indexOf('-p') + 1] ?? '') as Operation[]) {
		const [part, key] = path.split('/').slice(1) as ['metadata' | 'spec', string?];
		if (op === 'test' && lease.metadata.resourceVersion !== value) {
			fail('The request is invalid: the server rejected our request due to an error in our request');
		} else if (op === 'replace' && key === undefined) {
			Object.assign(lease, { [part]: value });
		} else if (op === 'replace') {
			Object.assign(lease[part], { [key as string]: value });
		} else if (op === 'remove') {
			delete lease.spec[key as string];
		}
	}
	save(name, lease);
}
