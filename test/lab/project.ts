import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import type { LabInfo } from './types.ts';

/**
 * Copies the deployed project to a folder, with this lab's ports and paths in its Compose files: they are constants there, as on
 * the real server, and not settings, so that Compose's warnings about settings are the real ones.
 */
export function copyProject(at: Layout, info: LabInfo, to: string): void {
	cpSync(join(import.meta.dirname, 'project'), to, { recursive: true });
	// Under its own name it would hide files of this repository.
	renameSync(join(to, 'gitignore'), join(to, '.gitignore'));
	for (const name of readdirSync(join(to, 'scripts'))) {
		if (name.endsWith('.sh')) chmodSync(join(to, 'scripts', name), 0o755);
	}
	const values: Record<string, string> = {
		BROKER: at.broker,
		ROOT_SSH: at.rootSsh,
		SOCKET: at.dockerSocket,
		// Each look is a process in the container, which three labs have to pay.
		GATEWAY_INTERVAL: '5s',
		DATABASE_INTERVAL: '5s',
	};
	for (const [name, port] of Object.entries(info.ports)) values[`${name.toUpperCase()}_PORT`] = String(port);
	for (const name of readdirSync(to).filter((entry) => /^docker-compose.*\.yml$/.test(entry))) {
		const file = join(to, name);
		const text = readFileSync(file, 'utf8').replaceAll(/@([A-Z_]+)@/g, (token, key: string) => values[key] ?? token);
		writeFileSync(file, text);
	}
}
