import type { TestProject } from 'vitest/node';
import { engineMissing, startOwnEngine } from './engine.ts';

declare module 'vitest' {
	interface ProvidedContext {
		engine: { socket: string; path: string } | { missing: string };
	}
}

/** One engine for all files of this project; without one the tests say why they are skipped, unless BACKOUT_LAB=required. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
	const missing = await engineMissing();
	if (missing !== undefined) {
		if (process.env.BACKOUT_LAB === 'required') {
			throw new Error(`a Docker engine is required: ${missing}`);
		}
		process.stdout.write(`The tests that need a Docker engine are skipped: ${missing}\n`);
		project.provide('engine', { missing });
		return async () => {};
	}
	const engine = await startOwnEngine();
	project.provide('engine', { socket: engine.socket, path: engine.path });
	return engine.stop;
};

export default setup;
