import { BackoutError } from '../../runbook/errors.ts';
import type { Finding, FindingState } from '../../runbook/finding.ts';
import type { Host } from '../../services/host/host.ts';
import { createDocker } from './docker.ts';

/** Says how Docker's API is reached from here, for `doctor`. Rejects only with the signal's reason. */
export const transportFinding = async (host: Host, signal: AbortSignal): Promise<Finding> => {
	const base = { id: 'docker-api', where: 'host', title: 'Docker API' } as const;
	try {
		const way = await createDocker(host).ready(signal);
		const states: Readonly<Record<typeof way.kind, FindingState>> = { socket: 'ok', dial: 'ok', exec: 'warn' };
		return {
			...base,
			state: states[way.kind],
			found: way.reason,
			...(way.kind !== 'socket' && {
				fix: "It works, only slower. In the host's sshd_config: AllowStreamLocalForwarding yes, then reload sshd.",
			}),
		};
	} catch (error) {
		signal.throwIfAborted();
		const { message, next } = error instanceof BackoutError ? error : { message: String(error), next: undefined };
		return {
			...base,
			state: 'failed',
			found: message,
			fix:
				next ??
				'Check Docker on the host: systemctl status docker; if its socket is elsewhere, set dockerHost of this target.',
		};
	}
};
