import type { CheckState } from '../../../runbook/check.ts';
import { BackoutError } from '../../../runbook/errors.ts';
import type { Host } from '../../host/host.ts';
import type { StateOptions } from '../host/state-folder.ts';
import { appendMark, type Marks, readMarkLines, readMarks } from './registry.ts';

const imageId = /^sha256:[0-9a-f]{64}$/;

/** Reads the verdicts of earlier verifications on images, by id; the newest one counts. Creates nothing on the host. */
export const readImageMarks = (host: Host, options: StateOptions, signal?: AbortSignal): Promise<Marks> =>
	readMarks(host, options, 'images', imageId, signal);

/** Reads the commits that images were built from, by image id. Only proven ones are recorded. Creates nothing on the host. */
export const readImageCommits = async (
	host: Host,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
	const commits = new Map<string, Set<string>>();
	for (const [image = '', , , , commit = ''] of await readMarkLines(host, options, 'images', signal)) {
		if (imageId.test(image) && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) {
			commits.set(image, (commits.get(image) ?? new Set()).add(commit));
		}
	}
	return commits;
};

/**
 * Records a verdict on an image, and, if it is known, the commit that it was built from: `choices` scripts read that from the file
 * `images` of the state folder. An unknown verdict is not recorded.
 */
export const markImage = async (
	host: Host,
	options: StateOptions,
	{
		image,
		commit,
		verdict,
		run,
		at,
	}: {
		readonly image: string;
		readonly commit?: string;
		readonly verdict: CheckState;
		readonly run: string;
		readonly at: number;
	},
	signal?: AbortSignal,
): Promise<void> => {
	if (!imageId.test(image)) {
		throw new BackoutError('failed', `not the full id of an image: ${JSON.stringify(image)}`, { host: host.name });
	}
	await appendMark(host, options, 'images', { what: image, verdict, run, at, more: commit }, signal);
};
