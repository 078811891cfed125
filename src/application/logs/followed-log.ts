import type { InstanceModel } from '../../services/instances/instance-model.ts';
import { createOutputBuffer } from '../../stores/byte-ring.ts';
import type { FollowedLog } from '../../stores/workspace.ts';
import { BytesLog } from './bytes-log.ts';
import { FollowedContainers } from './follow-containers.ts';

/** Number of the newest lines that a log starts with. */
const tailLines = 2000;

/**
 * Follows a service's log: the last existing lines, then live, and into the next container when the service is restarted or recreated. If
 * the service has several containers, the first that Docker lists. Secrets are masked. `status` reports a failure; it is retried until
 * this is closed.
 */
export const followServiceLog = (
	instances: InstanceModel,
	service: string,
	/** Values that are masked everywhere; if they cannot be read, secrets are recognised by their form only. */
	secrets: Promise<readonly string[]> = Promise.resolve([]),
): FollowedLog => {
	const output = createOutputBuffer();
	let known: readonly string[] = [];
	let opened = 0;
	const containers = new FollowedContainers<undefined>(instances, {
		services: [service],
		one: true,
		open: () =>
			new BytesLog(instances.engine, {
				tail: tailLines,
				isNext: opened++ > 0,
				secrets: known,
				onBytes: (bytes) => output.append(bytes),
			}),
		onRead: () => {},
	});
	const run = async () => {
		known = await secrets.catch(() => []);
		await containers.run();
	};
	void run();
	return { service, output, status: containers.status, close: () => containers.close() };
};
