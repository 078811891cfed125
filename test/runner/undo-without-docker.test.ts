import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const source = (path: string) => readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8');
const library = [
	'engines/docker/engine.sh',
	'engines/compose/deployment.sh',
	'engines/compose/container-facts.sh',
	'engines/compose/undo/undo-container-state.sh',
	'services/runner/undo/undo-state.sh',
]
	.map(source)
	.join('\n');
const folder = mkdtempSync(join(tmpdir(), 'backout-undo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A docker that never answers. */
const docker = join(folder, 'docker');
writeFileSync(docker, '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n');
execFileSync('chmod', ['+x', docker]);
writeFileSync(join(folder, 'image-names'), 'none app-web\n');
writeFileSync(join(folder, 'container-facts'), 'web|1\timage\tsha256:1\n');

const run = (script: string) =>
	spawnSync('sh', ['-c', `${library}\n${script}`], {
		encoding: 'utf8',
		env: {
			PATH: `${folder}:${process.env.PATH}`,
			project: 'app',
			from_dir: folder,
			from_run: 'r',
			from_containers: 'web|1|running|sha256:1|app-web|h|app-web-1|without',
			run_dir: folder,
			restore_dir: folder,
			run_id: 'u',
		},
	});

test.for([
	'engines/compose/undo/undo-compare.sh',
	'engines/compose/undo/undo-since.sh',
	'engines/compose/undo/undo-states.sh',
])('without an answer of Docker it fails and says so: %s', (path) => {
	const { status, stdout } = run(source(path));
	expect(status).toBe(1);
	expect(stdout).toContain('Docker does not list the containers');
});

test('nor does it say that nothing differs, or that a name is free', () => {
	const differs = [
		source('engines/compose/undo/undo-service-differences.sh'),
		source('services/runner/undo/undo-differences.sh'),
		source('services/runner/undo/undo-looks.sh'),
	].join('\n');
	const { status, stdout } = run(`${differs}\nfrom_commit= from_changes=\nlook_differs`);
	expect(status).toBe(1);
	expect(stdout).toContain('Docker does not');
	expect(stdout).not.toContain('nothing to restore');
	expect(run('names_that_differ').status).toBe(1);
});

test('a restore point without facts does not pass', () => {
	writeFileSync(join(folder, 'container-facts'), '');
	const { status, stdout } = run(source('engines/compose/undo/undo-compare.sh'));
	expect(status).toBe(1);
	expect(stdout).toContain('nothing proves that they are as they were');
});
