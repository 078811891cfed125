import { type Block, versionName } from '../../runbook/block.ts';
import { BackoutError } from '../../runbook/errors.ts';
import { liftBlocks, readBlocks } from '../../services/runner/blocked/blocks.ts';
import type { Session } from '../fleet/session.ts';
import { assertMayChange, whoami } from './journal.ts';

/** Minimum length of the beginning of a hash or id that names a version, characters. */
const shortest = 4;

/** True when this names the version of a block: its run, or the beginning of its commit or of an image's id. */
const isNamed = ({ run, commit, images }: Block, name: string): boolean =>
	run === name ||
	(name.length >= shortest &&
		(commit?.startsWith(name) === true ||
			images.some((id) => id.startsWith(name) || id.replace(/^sha256:/, '').startsWith(name))));

/**
 * Lifts the block of a version, so that it may be deployed again, and returns it.
 *
 * @param name a commit, an image or the run that rolled it back; undefined: the only one
 * @returns undefined when no version is blocked
 *
 * Throws `usage` when several are blocked and none is named, or there is no such block; `refused` on a read-only target.
 */
export const unblock = async (
	session: Session,
	name: string | undefined,
	reason: string,
	signal?: AbortSignal,
): Promise<Block | undefined> => {
	const { host, target } = session;
	assertMayChange(session, 'unblocking a version');
	const blocks = await readBlocks(host, target, signal);
	const found = blocks.filter((block) => name === undefined || isNamed(block, name));
	const [block] = found;
	if (blocks.length === 0) {
		return undefined;
	}
	if (block === undefined || found.length > 1) {
		throw new BackoutError(
			'usage',
			block === undefined
				? `no blocked version is ${JSON.stringify(name)}`
				: `${found.length} versions are ${name === undefined ? 'blocked' : `named ${JSON.stringify(name)}`}`,
			{
				host: host.name,
				next: `name one of these: ${blocks.map((one) => `${one.run} (${versionName(one)})`).join(', ')}`,
			},
		);
	}
	await liftBlocks(host, target, [block.run], { who: whoami(), reason }, signal);
	return block;
};
