import type { SocketMemory } from '../../engine/socket-memory.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { HostClock } from '../../services/host/clock.ts';
import type { Host } from '../../services/host/host.ts';
import { describeFailure } from '../../services/host/network-errors.ts';
import { withPrograms } from '../../services/host/programs.ts';
import { runConstantScript, runScript } from '../../services/host/run-script.ts';
import { createApiCalls } from './api-calls.ts';
import { createApiClient } from './api-client.ts';
import type { DockerCalls, DockerTransport } from './calls.ts';
import { createCliCalls } from './cli-calls.ts';

export interface FoundTransport {
	readonly way: DockerTransport;
	readonly calls: DockerCalls;
}

/**
 * Prints the socket that the docker command would use, in the order of docker's own documentation (DOCKER_HOST, DOCKER_CONTEXT, the
 * current context, the default socket). Asking docker for its context costs a process, so only if one is set.
 */
const probe = [
	'endpoint=${DOCKER_HOST:-}',
	'if [ -z "$endpoint" ]',
	'then if [ -n "${DOCKER_CONTEXT:-}" ] || grep -qs currentContext "${DOCKER_CONFIG:-$HOME/.docker}/config.json"',
	'then endpoint=$(docker context inspect --format "{{.Endpoints.docker.Host}}" 2>/dev/null)',
	'fi',
	'fi',
	'[ -n "$endpoint" ] || endpoint=unix:///var/run/docker.sock',
	'echo "$endpoint"',
	'path=${endpoint#unix://}',
	'if [ "$path" = "$endpoint" ]',
	'then echo remote',
	'elif [ -r "$path" ] && [ -w "$path" ] && [ -S "$path" ]',
	'then echo usable',
	'elif [ -S "$path" ]',
	'then echo denied',
	'else echo missing',
	'fi',
	'command -v docker >/dev/null && echo cli || echo none',
].join('; ');

/** Docker's own default (dockerd(8), `--host`). */
const usualSocket = '/var/run/docker.sock';

/** An attempt to reach Docker at a socket, once the link is up. */
interface Attempt {
	readonly path: string;
	readonly calls: DockerCalls;
	/** The reason why Docker does not answer there; undefined when it does. */
	readonly failure: Promise<unknown>;
}

/** Tries the socket once `up` has resolved. */
const attempt = (
	host: Host,
	clock: HostClock,
	path: string,
	{ up = Promise.resolve(), signal }: { readonly up?: Promise<void>; readonly signal?: AbortSignal } = {},
): Attempt => {
	const engine = createApiClient(host.socketAgent(path), clock);
	const failure = up
		.then(() => engine.ping({ signal, timeoutMs: dialTimeoutMs }))
		.then(
			() => undefined,
			(error: unknown) => error,
		);
	return { path, calls: createApiCalls(engine), failure };
};

/** A likely socket of Docker; tried while the host is asked. */
export interface SpeculativeConnection extends Attempt {
	/** Makes the caller's call there, and keeps the outcome until it is known whether Docker is there. */
	early<T>(call: (calls: DockerCalls) => Promise<T>): Promise<PromiseSettledResult<T>>;
	/** Closes what was opened, as Docker is elsewhere. */
	abandon(): void;
}

export const connectSpeculatively = (host: Host, clock: HostClock, memory: SocketMemory): SpeculativeConnection => {
	const path = memory.path() ?? usualSocket;
	const over = new AbortController();
	// Timeouts must not begin before the link is up.
	const up = host.ready(over.signal);
	const tried = attempt(host, clock, path, { up, signal: over.signal });
	return {
		...tried,
		early: async (call) => {
			const [outcome] = await Promise.allSettled([up.then(() => call(tried.calls))]);
			return outcome;
		},
		abandon: () => {
			over.abort();
			host.socketAgent(path).destroy();
		},
	};
};

const dialCommand = 'docker system dial-stdio';
const dialTimeoutMs = 5000;
const probeTimeoutMs = 10_000;

/** True for a timeout, as opposed to "cannot be reached": Docker took the connection and did not answer, so no other way will help. */
const hangs = (error: unknown): boolean =>
	(error as { code?: string }).code === 'ETIMEDOUT' && (error as { event?: string }).event !== 'connect';

interface FindOptions {
	readonly guess?: SpeculativeConnection | undefined;
	readonly memory?: SocketMemory | undefined;
	readonly mayComeUp?: boolean;
}

/**
 * Finds how Docker is reached: its socket forwarded over the connection, else one `docker system dial-stdio`, else the docker command.
 * Rejects with a BackoutError when Docker answers in none of these ways. While Docker is starting, its socket may appear a moment
 * after the search: unless `mayComeUp` is false, there is a second search.
 *
 * With a guess, the host's answer decides; if both agree, two round trips are saved.
 */
export const connectDocker = async (
	host: Host,
	clock: HostClock,
	{ guess, memory, mayComeUp = true }: FindOptions = {},
): Promise<FoundTransport> => {
	const { stdout } = await runConstantScript(host, probe, {
		purpose: 'say where Docker is',
		anyExit: true,
		timeoutMs: probeTimeoutMs,
	});
	const [endpoint = '', socket = '', cli = ''] = stdout.trim().split('\n');
	const path = endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : undefined;
	if (guess !== undefined && (guess.path !== path || socket !== 'usable')) {
		guess.abandon();
	}
	const failures: string[] = [];

	if (path !== undefined && socket === 'usable') {
		const { calls, failure } = guess?.path === path ? guess : attempt(host, clock, path);
		const error = await failure;
		if (error === undefined) {
			memory?.found(path);
			return {
				way: { kind: 'socket', reason: `Docker's socket ${path}, through the connection` },
				calls,
			};
		}
		if (hangs(error)) {
			throw new BackoutError(
				'failed',
				`Docker accepted the connection but did not answer within ${dialTimeoutMs / 1000} s`,
				{
					host: host.name,
					next: 'Check Docker on the host: systemctl status docker, journalctl -u docker.',
					cause: error,
				},
			);
		}
		failures.push(`${path} cannot be forwarded (${describeFailure(error)})`);
	} else if (socket === 'missing') {
		failures.push(`there is no socket ${path}`);
	} else if (socket === 'denied') {
		failures.push(`this user may not use ${path}`);
	} else {
		failures.push(`Docker is at ${endpoint}, not at a socket`);
	}

	if (cli !== 'cli') {
		throw new BackoutError(
			'failed',
			`Docker cannot be reached: ${failures.join(', ')}, and there is no docker command`,
			{
				host: host.name,
				next: 'Install Docker on the host, or set path of this target to the folder that docker is in.',
			},
		);
	}
	try {
		const engine = createApiClient(host.commandAgent(withPrograms(dialCommand, host.programs)), clock);
		await engine.ping({ timeoutMs: dialTimeoutMs });
		if (mayComeUp && path !== undefined && socket !== 'denied') {
			return connectDocker(host, clock, { memory, mayComeUp: false });
		}
		return {
			way: { kind: 'dial', reason: `docker system dial-stdio: ${failures.join(', ')}` },
			calls: createApiCalls(engine),
		};
	} catch (error) {
		failures.push(`dial-stdio failed (${describeFailure(error)})`);
	}
	const calls = createCliCalls(host);
	const { code, stderr } = await runScript(host, "docker version --format '{{.Server.Version}}'", {
		purpose: 'reach Docker',
		anyExit: true,
		timeoutMs: 10_000,
	});
	if (code !== 0) {
		const said = stderr.trim();
		throw new BackoutError('failed', `Docker does not answer: ${said.split('\n').at(-1) || failures.join(', ')}`, {
			host: host.name,
			next:
				socket === 'denied'
					? host.programs?.sudo === true
						? 'Let this user call docker by sudo without a password, in sudoers: USER ALL=(root) NOPASSWD: /usr/bin/docker'
						: 'Let this user use Docker, e.g. usermod -aG docker; or, where sudo docker works, set sudo: true of this target.'
					: 'Check Docker on the host: systemctl status docker.',
			output: said,
		});
	}
	if (mayComeUp && path !== undefined && socket !== 'denied') {
		return connectDocker(host, clock, { memory, mayComeUp: false });
	}
	return { way: { kind: 'exec', reason: `the docker command: ${failures.join(', ')}` }, calls };
};
