import { readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.ts';
import type { Layout } from './layout.ts';

/**
 * Puts a `docker` into the engine's bin folder, in the place of the link to the client, that starts Compose at once. The real one starts it
 * twice, first to ask the plugin who it is, which takes as long as a short command of Compose. Compose itself is the same program
 * with the same arguments. The engine must answer.
 */
export const callComposeAtOnce = async (at: Layout, env: Record<string, string | undefined>): Promise<void> => {
	const plugins = '{{range .ClientInfo.Plugins}}{{println .Name .Path}}{{end}}';
	const asked = await exec('docker', ['info', '--format', plugins], { env });
	const plugin = /^compose (\/\S+)$/m.exec(asked.stdout)?.[1];
	if (plugin === undefined) {
		return;
	}
	const link = join(at.bin, 'docker');
	const client = readlinkSync(link);
	rmSync(link);
	writeFileSync(link, `#!/bin/sh\n[ "$1" != compose ] || { shift; exec ${plugin} "$@"; }\nexec ${client} "$@"\n`, {
		mode: 0o755,
	});
};
