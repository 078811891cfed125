import http from 'node:http';
import type { Finding } from '../../runbook/finding.ts';
import type { Target } from '../../runbook/runbook.ts';
import { slowLogin, slowLoginNext } from '../../runbook/slow-login.ts';
import type { Host } from '../host/host.ts';
import { runScript } from '../host/run-script.ts';
import type { EngineLook } from './engine-look.ts';
import { hostScript, hostScriptValues } from './host-script.ts';
import { judgeHost } from './judge-host.ts';

const allowForwarding =
	"In the host's sshd_config: AllowTcpForwarding yes (and no PermitOpen that closes these ports), then reload sshd.";

/**
 * Finds out how ports of the host are reached, by a connection to one without a listener: it is refused by the host, or by sshd's
 * configuration. Then a program on the host tries it, and is named.
 */
export const tcpForwarding = (host: Host, signal: AbortSignal): Promise<Finding> =>
	new Promise((resolve) => {
		const base = { id: 'tcp-forwarding', where: 'host', title: 'TCP forwarding' } as const;
		const reached = () =>
			resolve(
				host.relay === undefined
					? { ...base, state: 'ok', found: 'allowed' }
					: {
							...base,
							state: 'warn',
							found: `the SSH server forbids it: ${host.relay} on the host connects to its ports, and each connection is a session`,
							fix: allowForwarding,
						},
			);
		const request = http.get({ agent: host.tcpAgent, host: '127.0.0.1', port: 1, path: '/', signal });
		request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 s')));
		request.on('response', (response) => {
			response.destroy();
			reached();
		});
		request.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'ECONNABORTED') {
				resolve({
					...base,
					state: 'failed',
					found: `health, metrics and alerts behind the host cannot be read: ${error.message}`,
					fix: allowForwarding,
				});
			} else if (signal.aborted || /no answer/.test(error.message)) {
				resolve({ ...base, state: 'unknown', found: error.message, fix: 'Try again when the link is better.' });
			} else {
				reached();
			}
		});
	});

/** Startup files that keep every command waiting. */
const login = (host: Host): readonly Finding[] => {
	const { loginMs } = host.link.get();
	return loginMs === undefined
		? []
		: [
				{
					id: 'login',
					where: 'host',
					title: 'Login',
					state: 'warn',
					found: slowLogin(loginMs),
					fix: slowLoginNext,
				},
			];
};

/**
 * Checks what a run will need on the host, over a link that is up. Changes nothing there, except for a file of its own that exists for an
 * instant. Throws BackoutError when the link is lost or there was no result within 60 s.
 */
export const checkHost = async (
	host: Host,
	target: Target,
	engine: EngineLook,
	signal: AbortSignal,
): Promise<readonly Finding[]> => {
	const asked = Date.now();
	const [answer, deployment] = await Promise.all([
		runScript(host, hostScript(engine), {
			purpose: 'check what a run needs',
			environment: hostScriptValues(target, engine),
			anyExit: true,
			signal,
			timeoutMs: 60_000,
		}),
		engine.deployment(host, target, signal),
	]);
	const findings = judgeHost(answer.stdout, { asked, answered: Date.now() }, target, engine, deployment.hasFolder);
	return [
		...findings,
		...deployment.findings,
		await engine.reach(host, signal),
		...login(host),
		...(target.host === 'local' ? [] : [await tcpForwarding(host, signal)]),
	];
};
