import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SocketMemory } from '../../src/engine/socket-memory.ts';
import { createDocker } from '../../src/engines/docker/docker.ts';
import { rememberedSocket } from '../../src/services/files/remembered-socket.ts';
import type { Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';

describe("Docker's socket, as it was found last time", () => {
	let folder: string;
	let host: Host;
	let right: Listening;
	let other: Listening;

	interface Listening {
		readonly path: string;
		readonly server: Server;
		/** Resolves when it was asked for the first time. */
		readonly asked: Promise<unknown>;
		readonly connections: () => Promise<number>;
	}

	const listen = async (name: string): Promise<Listening> => {
		const path = join(folder, name);
		const { promise: asked, resolve } = Promise.withResolvers<unknown>();
		const server = createServer((request, response) => {
			resolve(request.url);
			response.end(request.url === '/version' ? '{}' : '[]');
		});
		await new Promise<void>((listening) => server.listen(path, listening));
		const connections = () =>
			new Promise<number>((count, reject) =>
				server.getConnections((error, open) => (error ? reject(error) : count(open))),
			);
		return { path, server, asked, connections };
	};

	/** A host that responds to a command only after `first`. */
	const slowHost = (first: Promise<unknown>): Host =>
		new Proxy(host, {
			get: (target, name) => {
				const value: unknown = Reflect.get(target, name, target);
				if (typeof value !== 'function') {
					return value;
				}
				const call = (...given: readonly unknown[]) => Reflect.apply(value, target, given);
				return name === 'exec'
					? async (...given: readonly unknown[]) => {
							await first;
							return call(...given);
						}
					: call;
			},
		});
	const memory = (path: string | undefined): SocketMemory & { known: string | undefined } => {
		const kept = {
			known: path,
			path: () => kept.known,
			found: (now: string) => {
				kept.known = now;
			},
		};
		return kept;
	};

	beforeEach(async () => {
		folder = mkdtempSync(join(tmpdir(), 'backout-way-'));
		right = await listen('docker.sock');
		other = await listen('other.sock');
		host = new LocalHost({ env: { ...process.env, DOCKER_HOST: `unix://${right.path}` } });
	});
	afterEach(async () => {
		await host.close();
		for (const { server } of [right, other]) {
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		}
		rmSync(folder, { recursive: true });
	});

	test('is asked before the host has said where it is', async () => {
		const docker = createDocker(slowHost(right.asked), memory(right.path));
		expect(await docker.ready()).toMatchObject({ kind: 'socket', reason: expect.stringContaining(right.path) });
		expect(await right.connections()).toBe(1);
	});

	test('is let go when Docker is elsewhere now, and the new place remembered', async () => {
		const known = memory(other.path);
		const docker = createDocker(slowHost(other.asked), known);
		expect(await docker.ready()).toMatchObject({ kind: 'socket', reason: expect.stringContaining(right.path) });
		expect(known.known).toBe(right.path);
		await vi.waitFor(async () => expect(await other.connections()).toBe(0), 60_000);
	});

	test('is missed by nobody when nothing is known, or nobody listens there any more', async () => {
		for (const path of [undefined, join(folder, 'gone.sock')]) {
			const known = memory(path);
			expect(await createDocker(host, known).list('x')).toEqual([]);
			expect(known.known).toBe(right.path);
		}
	});

	test('is kept for the next start, for its host', async () => {
		const env = { HOME: folder, XDG_CACHE_HOME: folder };
		rememberedSocket('root@web', env).found(right.path);
		await vi.waitFor(() => expect(rememberedSocket('root@web', env).path()).toBe(right.path), 60_000);
		expect(rememberedSocket('root@other', env).path()).toBeUndefined();
	});
});
