import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const folder = join(import.meta.dirname, '../../runbooks');

interface Procedures {
	readonly procedures?: Readonly<
		Record<string, { readonly steps?: readonly { readonly id: string; readonly summary?: string }[] }>
	>;
}

it.each(readdirSync(folder))('every step of %s says in a short sentence what it changes', (file) => {
	const { procedures = {} } = parse(readFileSync(join(folder, file), 'utf8')) as Procedures;
	const steps = Object.entries(procedures).flatMap(([procedure, { steps: all = [] }]) =>
		all.map(({ id, summary = '' }) => ({ name: `${procedure} ${id}`, summary })),
	);
	expect(steps.length).toBeGreaterThan(3);
	for (const { name, summary } of steps) {
		expect(summary, name).toMatch(/^[A-Z].{10,50}\.$/);
	}
});
