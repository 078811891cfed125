import { BackoutError } from '../../runbook/errors.ts';
import { runScript } from '../host/run-script.ts';
import type { ContainerCache } from './container-cache.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';
import { type Expected, expectedServices, judgeVersion, type KnownImage, shortId } from './proof.ts';

export type { Expected } from './proof.ts';

/** Reading a commit costs a process on the host, so not every second. */
const commitMs = 3000;
const inRepository = `cd -- "$directory" || exit
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0`;
const headScript = `${inRepository}
exec git rev-parse --verify HEAD 2>&1`;
const hasCommitScript = `${inRepository}
exec git cat-file -e "$commit^{commit}" 2>/dev/null`;

/** Returns a function that reads the checked-out commit, and caches it for a moment. */
const createHeadReader = ({ host, target }: CheckContext): ((signal: AbortSignal) => Promise<string>) => {
	let head: { readonly at: number; readonly answer: Promise<string> } | undefined;
	const ask = async (signal: AbortSignal): Promise<string> => {
		const { code, stdout } = await runScript(host, headScript, {
			purpose: 'say which commit is deployed',
			environment: { directory: target.directory },
			anyExit: true,
			signal,
		});
		const said = stdout.trim().split('\n').at(-1) ?? '';
		if (code !== 0) {
			throw new BackoutError('failed', `the deployed commit is unknown: ${said}`, { host: host.name });
		}
		return said;
	};
	return (signal) => {
		if (head === undefined || performance.now() - head.at > commitMs) {
			const mine = { at: performance.now(), answer: ask(signal) };
			mine.answer.catch(() => {
				head = head === mine ? undefined : head;
			});
			head = mine;
		}
		return head.answer;
	};
};

/**
 * Returns an image's label `org.opencontainers.image.revision` if it is about this repository: public images have the commit of their own one
 * there, which says nothing about this deployment.
 */
const ownRevision = async (
	{ engine, host, target }: CheckContext,
	image: string,
	expected: string,
	signal: AbortSignal,
): Promise<string | undefined> => {
	const revision = (await engine.image(image, signal))?.revision;
	const hash = /^[0-9a-f]{40}/.exec(revision ?? '')?.[0];
	if (hash === undefined || revision === expected) {
		return revision;
	}
	const { code } = await runScript(host, hasCommitScript, {
		purpose: 'say whether a commit is of this repository',
		environment: { directory: target.directory, commit: hash },
		anyExit: true,
		signal,
	});
	return code === 0 ? revision : undefined;
};

/** Returns a function that reads an image's facts, once for each image: an image does not change. */
const createImageReader = (context: CheckContext, { commit = '', notedCommits }: Expected) => {
	const revisions = new Map<string, string | undefined>();
	let noted: Promise<ReadonlyMap<string, ReadonlySet<string>>> | undefined;
	return async (ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, KnownImage>> => {
		noted ??= (notedCommits?.() ?? Promise.resolve(new Map())).catch(() => {
			noted = undefined;
			return new Map();
		});
		const unread = ids.filter((id) => !revisions.has(id));
		await Promise.all(unread.map(async (id) => revisions.set(id, await ownRevision(context, id, commit, signal))));
		const notes = await noted;
		return new Map(ids.map((id) => [id, { revision: revisions.get(id), noted: notes.get(id) ?? new Set() }]));
	};
};

/** Passes when every service that the plan expects runs the planned version: its image, and the commit of the directory. */
export const checkVersion = (expected: Expected, context: CheckContext, snapshots: ContainerCache): CheckFunction => {
	const { commit } = expected;
	const names = expectedServices(expected).map(({ service }) => service);
	const asked = `${context.engine.terms.asks.images(names)}; git rev-parse HEAD`;
	const readHead = createHeadReader(context);
	const readImages = createImageReader(context, expected);
	/** Time since when another version was seen to run. */
	let otherSince: number | undefined;

	return async (signal) => {
		const [{ containers }, head] = await Promise.all([
			snapshots.take(signal),
			commit === undefined ? undefined : readHead(signal),
		]);
		const found = containers.filter(({ service }) => names.includes(service));
		const images =
			commit === undefined
				? new Map<string, KnownImage>()
				: await readImages([...new Set(found.map(({ imageId }) => imageId))], signal);
		const judged = judgeVersion(expected, found, images);
		const { unproven } = judged;
		const otherHead = head !== commit;
		const proven = otherHead ? undefined : judged.proven;
		const wrong = [
			...(otherHead ? [`commit ${shortId(head ?? '')} is deployed instead of ${shortId(commit ?? '')}`] : []),
			...judged.wrong,
			...judged.down,
		];
		const evidence = [
			...names.map((service) => {
				const mine = found.filter((details) => details.service === service);
				const words = mine.map(({ status, imageId }) => `${status}, image ${imageId}`);
				return `${service}: ${words.join('; ') || 'no container'}`;
			}),
			...(head === undefined ? [] : [`HEAD: ${head}`]),
			...(expected.unproven === undefined ? [] : [expected.unproven]),
		].join('\n');
		if (wrong.length > 0) {
			otherSince ??= Date.now();
			return { state: 'failed', reason: wrong.join('; '), asked, evidence, proven, hopelessSince: otherSince };
		}
		if (unproven.length > 0) {
			otherSince ??= Date.now();
			const out = commit === undefined ? '' : `commit ${shortId(commit)} is checked out; `;
			// Waiting does not bring a proof.
			return { state: 'unknown', reason: out + unproven.join('; '), asked, evidence, hopelessSince: otherSince };
		}
		otherSince = undefined;
		return { state: 'passed', reason: passedLabel(expected), asked, evidence, proven };
	};
};

const passedLabel = ({ service, commit, image, services }: Expected): string => {
	const own = services?.find((one) => one.service === service);
	if (own?.replicas === 0 || own?.unwell === true) {
		return own.replicas === 0 ? `${service} is stopped, as it was` : `${service} has the same image as before`;
	}
	const runs = [
		...(commit === undefined ? [] : [`commit ${shortId(commit)}`]),
		...(image === undefined ? [] : [`image ${shortId(image)}`]),
	];
	const proven = expectedServices({ service, services: services ?? [] }).filter(({ replicas }) => replicas !== 0);
	const where = services === undefined ? '' : `, proven for ${proven.length} services`;
	return `${runs.join(', ') || service} runs${where}`;
};
