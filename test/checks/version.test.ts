import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { ContainerCache } from '../../src/services/checks/container-cache.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { checkVersion } from '../../src/services/checks/version.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { memoryTerms } from '../helpers/memory-engine.ts';
import { commitIn, gitIn, writeIn } from '../helpers/work-tree.ts';

let directory: string;
let older: string;
let newer: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'backout-version-'));
	gitIn(directory, 'init', '-q', '-b', 'main');
	const commit = (name: string): string => {
		writeIn(directory, 'a', name);
		return commitIn(directory, name);
	};
	newer = commit('newer');
	older = commit('the same as before, which is deployed');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What the check says of a container whose image has this label, while a commit is expected that is checked out. */
const check = async (revision: string) => {
	const engine = { terms: memoryTerms, image: async () => ({ revision }) } as unknown as Engine;
	const containers = [{ service: 'web', status: 'running', imageId: 'sha256:1' }];
	const context = { host: new LocalHost({}), engine, target: { directory } } as unknown as CheckContext;
	const snapshots = { take: async () => ({ containers }) } as unknown as ContainerCache;
	return checkVersion({ service: 'web', commit: older }, context, snapshots)(new AbortController().signal);
};

test('an image of another commit of this repository is the wrong version', async () => {
	expect(await check(newer)).toMatchObject({
		state: 'failed',
		reason: expect.stringContaining('runs an image of commit'),
	});
});

test('an image that names a commit of another repository, as public images do, proves nothing', async () => {
	expect(await check('4'.repeat(40))).toMatchObject({
		state: 'unknown',
		reason: expect.stringContaining('nothing proves that the image of web was built from it'),
	});
});
