import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../src/services/host/open.ts';
import { describeHost } from './contract.ts';

let folder: string;

describeHost(
	'this machine as a host',
	async () => {
		folder = await mkdtemp(join(tmpdir(), 'backout-local-'));
		return { host: openHost({ host: 'local', ssh: {} }), folder };
	},
	() => rm(folder, { recursive: true, force: true }),
);
