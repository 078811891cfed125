import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/services/runbook-file/load-config.ts';
import { composeFiles } from '../lab/compose.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

test("the user's servers are each called with their Compose files, and no one opens production by accident", () => {
	const config = loadConfig(read('docs', 'examples', 'abstractfinance', 'backout.yaml'), 'backout.yaml', {
		readRunbook: (name) => ({ text: read('runbooks', `${name}.yaml`), file: `${name}.yaml` }),
	});
	const target = (name: string) => config.targets.find((item) => item.name === name);
	expect(config.defaultTarget).toBe('staging');
	expect(config.targets.map(({ name }) => name)).toEqual(['staging', 'production', 'standby']);
	// The lab deploys as staging does on a branch, and as production does at a tag.
	expect(target('staging')?.compose).toMatchObject({ files: composeFiles('branch'), command: './dc' });
	expect(target('production')?.compose).toMatchObject({ files: composeFiles('tag'), command: './dc' });
	expect(target('standby')).toMatchObject({ readOnly: true, compose: { files: ['docker-compose.yml'] } });
});
