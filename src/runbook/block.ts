import type { block } from './shapes/block.ts';
import type { Shape } from './shapes/infer.ts';

/** A version that was rolled back, and must not be deployed again until it is unblocked or the block lapses. */
export type Block = Shape<typeof block>;

/** What is deployed, or would be: a commit, and ids of images. */
export interface Version {
	readonly commit?: string | undefined;
	readonly images: readonly string[];
}

/** Stands in a line of the file where nothing is known. */
const nothing = '-';

const msOf = (seconds: string): number => Number(seconds) * 1000;

/**
 * Parses lines of the host's file `blocks`: `block`, run, time and end in seconds since the epoch, who, commit, images with commas between
 * them, reason; each after a tab. Other lines are left out.
 */
export const parseBlocks = (text: string): readonly Block[] =>
	text
		.split('\n')
		.map((line) => line.split('\t'))
		.filter(([kind, run, at, until]) => kind === 'block' && run !== undefined && msOf(at ?? '') < msOf(until ?? ''))
		.map(([, run = '', at = '', until = '', by = '', commit = nothing, images = nothing, reason = '']) => ({
			run,
			at: msOf(at),
			until: msOf(until),
			by,
			reason,
			...(commit !== nothing && commit !== '' && { commit }),
			images: images.split(',').filter((image) => image !== nothing && image !== ''),
		}));

/** Returns the newest block whose version this is: the same commit, or one of its images. */
export const blockOf = (blocks: readonly Block[], { commit, images }: Version): Block | undefined =>
	blocks.findLast(
		(block) => (commit !== undefined && block.commit === commit) || block.images.some((id) => images.includes(id)),
	);

/** Returns the short name of a version: the commit, else the first image. */
export const versionName = ({ commit, images }: Version): string =>
	commit === undefined
		? `image ${(images[0] ?? 'unknown').replace(/^sha256:/, '').slice(0, 12)}`
		: `commit ${commit.slice(0, 9)}`;

/** The name by which a plan that deploys the version again is allowed: `SERVICE:ASPECT:NAME`, for the deployment as a whole. */
export const allowName = ({ run }: Pick<Block, 'run'>): string => `${blockPrefix}${run}`;

const blockPrefix = 'version:blocked:';

/** True for a name by which a blocked version is allowed. */
export const isBlockName = (name: string): boolean => name.startsWith(blockPrefix);

const minuteOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Says which version is blocked, since when, by whom, why, and until when. Unsanitised. */
export const blockWords = (block: Block): string =>
	`${versionName(block)} was rolled back at ${minuteOf(block.at)} by ${block.by}${block.reason === '' ? '' : ` (${block.reason})`}, and is blocked until ${minuteOf(block.until)}`;

/** Says that the version of a block is deployed again. Unsanitised. */
export const deployedAgain = (block: Block): string =>
	`the version that was rolled back at ${minuteOf(block.at)} is deployed again (${versionName(block)}, run ${block.run})`;
