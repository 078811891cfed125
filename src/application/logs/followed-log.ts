import type { InstanceModel } from '../../services/instances/instance-model.ts';
import { createOutputBuffer } from '../../stores/byte-ring.ts';
import type { FollowedLog } from '../../stores/workspace.ts';
import { BytesLog } from './bytes-log.ts';
import { FollowedContainers } from './follow-containers.ts';

/** How many of the newest lines a log begins with. */
const tailLines = 2000;

/**
 * Follows a service's log: the end of what is there, then live, and on into the next container when the service is
 * restarted or recreated. Of several containers of the service, the first that Docker lists. Secrets are masked. A failure is
 * said in `status` and tried again until it is closed.
 */
export const followServiceLog = (
	instances: InstanceModel,
	service: string,
	/** Values that are masked wherever they stand; where they cannot be had, secrets are known by their form only. */
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
