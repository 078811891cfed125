import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BackoutError } from '../src/runbook/errors.ts';
import type { IncidentName } from './deployment/incidents.ts';
import { makeFolder, removeFolder, removeStale } from './host/folder.ts';

/** A demo host that runs in a process of its own. */
export interface OpenDemo {
	readonly config: string;
	readonly folder: string;
	/** Resolves when its process has ended, for whatever reason. */
	readonly ended: Promise<void>;
	/** Ends it and removes all its files. */
	close(): Promise<void>;
}

const closeMs = 4000;

/** Returns a program beside this module: bundled, or its source during development. */
const programFile = (bundled: string, source: string): string => {
	const file = join(import.meta.dirname, bundled);
	return existsSync(file) ? file : join(import.meta.dirname, source);
};

/**
 * Starts the demo host and waits until it can be connected to. First removes the leftovers of demos that were killed. Throws a
 * BackoutError `failed` when it does not come up.
 */
export const openDemo = async (incident: IncidentName): Promise<OpenDemo> => {
	removeStale();
	const folder = makeFolder();
	const docker = [process.execPath, programFile('demo-docker.js', 'command/client.ts')];
	const args = [programFile('demo-host.js', 'host-main.ts'), folder, incident, ...docker];
	// In a group of its own, so that ctrl-c in the terminal is the dashboard's alone.
	const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
	const ended = new Promise<void>((resolve) => {
		child.once('close', () => resolve());
		child.once('error', () => resolve());
	});
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said = (said + text).slice(-4000);
	});
	const close = async () => {
		child.stdin.destroy();
		const timer = setTimeout(() => child.kill('SIGKILL'), closeMs);
		await ended;
		clearTimeout(timer);
		removeFolder(folder);
	};
	const line = await new Promise<string>((resolve) => {
		let text = '';
		child.stdout.setEncoding('utf8').on('data', (piece: string) => {
			text += piece;
			if (text.includes('\n')) {
				resolve(text);
			}
		});
		void ended.then(() => resolve(text));
	});
	const answer = (line === '' ? {} : JSON.parse(line.split('\n')[0] ?? '{}')) as {
		readonly config?: string;
		readonly error?: string;
	};
	if (answer.config === undefined) {
		await close();
		throw new BackoutError('failed', `the demo host does not come up: ${answer.error ?? (said.trim() || 'it ended')}`, {
			next: 'it needs git, sh and a writable temporary folder',
		});
	}
	return { config: answer.config, folder, ended, close };
};
