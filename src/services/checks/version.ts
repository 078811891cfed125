import { BackoutError } from '../../runbook/errors.ts';
import { askHost } from '../docker/ask-host.ts';
import type { CheckContext, Look } from './outcome.ts';
import { containerOf, type Snapshots } from './snapshot.ts';

/** What must run after a rollback. */
export interface Expected {
	readonly service: string;
	/** Full hash of the commit that must be deployed. */
	readonly commit?: string;
	/** Id of the image that the service must run. */
	readonly image?: string;
}

/** A commit is asked for by a process on the host: not every second. */
const commitMs = 3000;
const script = `cd -- "$directory" || exit
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
exec git rev-parse --verify HEAD 2>&1`;

const bare = (id: string) => id.replace(/^sha256:/, '').trim();
const short = (id: string) => bare(id).slice(0, 12);

/** What runs is what the plan said: the image of the service's container, and the commit of the directory. */
export const lookAtVersion = (expected: Expected, { docker, target }: CheckContext, snapshots: Snapshots): Look => {
	const asked = `docker inspect of ${expected.service}: its image; git rev-parse HEAD`;
	let head: { readonly at: number; readonly answer: Promise<string> } | undefined;
	/** Since when something else was seen to run. */
	let otherSince: number | undefined;

	const askHead = async (signal: AbortSignal): Promise<string> => {
		const { code, stdout, lost } = await askHost(docker.host, script, { directory: target.directory }, { signal });
		const said = stdout.trim().split('\n').at(-1) ?? '';
		if (code !== 0 || lost) {
			throw new BackoutError(
				lost ? 'unreachable' : 'failed',
				`the deployed commit is not known: ${lost ? 'the link was lost' : said}`,
				{
					host: docker.host.name,
				},
			);
		}
		return said;
	};

	const readHead = (signal: AbortSignal): Promise<string> => {
		if (head === undefined || performance.now() - head.at > commitMs) {
			const mine = { at: performance.now(), answer: askHead(signal) };
			mine.answer.catch(() => {
				head = head === mine ? undefined : head;
			});
			head = mine;
		}
		return head.answer;
	};

	return async (signal) => {
		const [snapshot, commit] = await Promise.all([
			snapshots.take(signal),
			expected.commit === undefined ? undefined : readHead(signal),
		]);
		const container = containerOf(snapshot, expected.service);
		const evidence = [
			container === undefined
				? `${expected.service}: no container`
				: `${expected.service}: ${container.status}, image ${container.imageId}`,
			...(commit === undefined ? [] : [`HEAD: ${commit}`]),
		].join('\n');
		const wrong = [
			...(commit === expected.commit
				? []
				: [`commit ${short(commit ?? '')} is deployed instead of ${short(expected.commit ?? '')}`]),
			...(expected.image === undefined ||
			(container !== undefined && bare(container.imageId).startsWith(bare(expected.image)))
				? []
				: [
						`image ${container === undefined ? 'none' : short(container.imageId)} runs instead of ${short(expected.image)}`,
					]),
		];
		if (container?.status !== 'running') {
			wrong.push(`${expected.service} ${container === undefined ? 'has no container' : `is ${container.status}`}`);
		}
		if (wrong.length > 0) {
			otherSince ??= Date.now();
			return { state: 'failed', reason: wrong.join('; '), asked, evidence, hopelessSince: otherSince };
		}
		otherSince = undefined;
		const runs = [
			...(expected.commit === undefined ? [] : [`commit ${short(expected.commit)}`]),
			...(expected.image === undefined ? [] : [`image ${short(expected.image)}`]),
		];
		return { state: 'passed', reason: `${runs.join(', ') || expected.service} runs`, asked, evidence };
	};
};
