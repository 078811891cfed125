import type { Docker } from '../docker/docker.ts';
import { isReady, nodeName } from './nodes.ts';
import type { RawInfo, RawNode } from './raw.ts';

/** A config object of the swarm, as far as it is a shared lock (swarm-lock.sh). */
interface RawLock {
	readonly Spec?: {
		readonly Name?: string;
		readonly Labels?: Readonly<Record<string, string>> | null;
		readonly Data?: string;
	};
}

/** The longest name of a config object; a longer one is shortened by the shell, and is not read here. */
const longestName = 64;

/** Reads which run on another manager has the lock of the stack, in the form of the file `owner`; undefined while none has. */
export const readSharedLock = (docker: Docker, stack: string, signal?: AbortSignal): Promise<string | undefined> => {
	const name = `backout-${stack}-lock`;
	if (name.length > longestName) {
		return Promise.resolve(undefined);
	}
	const filters = JSON.stringify({ name: [name] });
	return docker.ask(
		'cannot read the lock of the stack',
		async (client) => {
			const locks = (await client.json('configs', { query: { filters }, signal })) as readonly RawLock[];
			// The filter takes names that begin like this one.
			const lock = locks.find(({ Spec: spec }) => spec?.Name === name)?.Spec;
			if (lock === undefined) {
				return undefined;
			}
			const [info, nodes] = await Promise.all([
				client.json('info', { signal }) as Promise<RawInfo>,
				client.json('nodes', { signal }) as Promise<readonly RawNode[]>,
			]);
			const { run = 'unknown', node: id = 'unknown', since = '0' } = lock.Labels ?? {};
			if (id === info.Swarm?.NodeID) {
				return undefined;
			}
			const node = nodes.find(({ ID }) => ID === id);
			const about = Buffer.from(lock.Data ?? '', 'base64')
				.toString('utf8')
				.split('\n')[0];
			return `${run} ${since} ${nodeName(node) ?? id} ${isReady(node) ? 'heard' : 'unheard'}\n${about}\n`;
		},
		signal,
	);
};
