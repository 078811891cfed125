import { messageOf } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { createDocker } from '../docker/docker.ts';
import { notManager } from './deployment.ts';
import { readInfo } from './snapshot.ts';

/** Returns the reason why a host cannot answer for the swarm: it is no manager, or the managers it reaches have no leader. */
export const whyNotManager = async (host: Host, signal: AbortSignal): Promise<string | undefined> => {
	const docker = createDocker(host);
	try {
		const why = notManager(await readInfo(docker, signal));
		if (why !== undefined) {
			return why.replace(/\. Set host of this target.*/, '');
		}
		await docker.ask('cannot list the nodes', (client) => client.json('nodes', { signal }), signal);
		return undefined;
	} catch (error) {
		signal.throwIfAborted();
		return messageOf(error);
	}
};
