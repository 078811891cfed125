import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../host/host.ts';
import { createApiCalls } from './api-calls.ts';
import { askHost } from './ask-host.ts';
import { createCliCalls } from './cli-calls.ts';
import type { HostClock } from './clock.ts';
import { createEngine } from './engine.ts';
import { describeFailure } from './failure.ts';
import type { DockerCalls, DockerWay } from './types.ts';

export interface FoundWay {
	readonly way: DockerWay;
	readonly calls: DockerCalls;
}

/**
 * Where the docker command would go: the order of docker's own documentation (DOCKER_HOST, DOCKER_CONTEXT, the current
 * context, the default socket). Asking docker for its context costs a process, so only where one is set.
 */
const probe = `endpoint=\${DOCKER_HOST:-}
if [ -z "$endpoint" ]; then
	if [ -n "\${DOCKER_CONTEXT:-}" ] || grep -qs currentContext "\${DOCKER_CONFIG:-$HOME/.docker}/config.json"; then
		endpoint=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)
	fi
fi
[ -n "$endpoint" ] || endpoint=unix:///var/run/docker.sock
echo "$endpoint"
case $endpoint in
unix://*)
	path=\${endpoint#unix://}
	if [ ! -S "$path" ]; then echo missing
	elif [ -r "$path" ] && [ -w "$path" ]; then echo usable
	else echo denied; fi ;;
*) echo remote ;;
esac
command -v docker >/dev/null && echo cli || echo none`;

const dialCommand = 'exec docker system dial-stdio';
const dialTimeoutMs = 5000;

/** Told apart from "cannot be reached": Docker took the connection and did not answer, so no other way will help. */
const hangs = (error: unknown): boolean =>
	(error as { code?: string }).code === 'ETIMEDOUT' && (error as { event?: string }).event !== 'connect';

/**
 * Finds how Docker is reached: its socket forwarded over the connection, else one `docker system dial-stdio`, else the
 * docker command. Rejects with a BackoutError when Docker does not answer by any way.
 */
export const findWay = async (host: Host, clock: HostClock, signal?: AbortSignal): Promise<FoundWay> => {
	const { stdout } = await askHost(host, probe, {}, { signal, timeoutMs: 10_000 });
	const [endpoint = '', socket = '', cli = ''] = stdout.trim().split('\n');
	const path = endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : undefined;
	const failures: string[] = [];

	if (path !== undefined && socket === 'usable') {
		try {
			const engine = createEngine(host.socketAgent(path), clock);
			await engine.json('version', { signal, timeoutMs: dialTimeoutMs });
			return {
				way: { kind: 'socket', reason: `Docker's socket ${path}, through the connection` },
				calls: createApiCalls(engine),
			};
		} catch (error) {
			signal?.throwIfAborted();
			if (hangs(error)) {
				throw new BackoutError(
					'failed',
					`Docker took the connection but did not answer within ${dialTimeoutMs / 1000} s`,
					{
						host: host.name,
						next: 'Look at Docker on the host: systemctl status docker, journalctl -u docker.',
						cause: error,
					},
				);
			}
			failures.push(`${path} cannot be forwarded (${describeFailure(error)})`);
		}
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
				next: 'Install Docker on the host, or let this user use it.',
			},
		);
	}
	try {
		const engine = createEngine(host.commandAgent(dialCommand), clock);
		await engine.json('version', { signal, timeoutMs: dialTimeoutMs });
		return {
			way: { kind: 'dial', reason: `docker system dial-stdio: ${failures.join(', ')}` },
			calls: createApiCalls(engine),
		};
	} catch (error) {
		signal?.throwIfAborted();
		failures.push(`dial-stdio failed (${describeFailure(error)})`);
	}
	const calls = createCliCalls(host);
	const { code, stderr } = await askHost(
		host,
		"docker version --format '{{.Server.Version}}'",
		{},
		{ signal, timeoutMs: 10_000 },
	);
	if (code !== 0) {
		const said = stderr.trim();
		throw new BackoutError('failed', `Docker does not answer: ${said.split('\n').at(-1) || failures.join(', ')}`, {
			host: host.name,
			next:
				socket === 'denied'
					? 'Let this user use Docker, e.g. usermod -aG docker.'
					: 'Look at Docker on the host: systemctl status docker.',
			output: said,
		});
	}
	return { way: { kind: 'exec', reason: `the docker command: ${failures.join(', ')}` }, calls };
};
