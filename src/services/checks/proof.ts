import type { Instance } from '../../engine/instance.ts';
import type { Proven } from '../../runbook/check.ts';
import { isReference, isReferenceTo } from '../../runbook/image-id.ts';
import type { Plan } from '../../runbook/plan.ts';

/** What must run: the expectations of the plan, and facts that are known only afterwards. */
export type Expected = NonNullable<Plan['expects']> & {
	/** Ids of images that the run's steps have built, by service. */
	readonly built?: Readonly<Record<string, string>>;
	/** The reason why the running version was not made from the checked-out commit, found by a step. */
	readonly unproven?: string;
	/** Commits recorded for images, by image id; read once. */
	notedCommits?(): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
};

/** The facts about an image. */
export interface KnownImage {
	/** The commit of this repository in its label. */
	readonly revision?: string;
	/** The commits that it was recorded to be built from. */
	readonly noted: ReadonlySet<string>;
}

const bareId = (id: string): string => id.replace(/^sha256:/, '').trim();
/** Shortens an id, and the digest of a reference: `shop:2@0123456789ab`. */
export const shortId = (id: string): string =>
	isReference(id) ? id.replace(/@sha256:([0-9a-f]{12}).*$/, '@$1') : bareId(id).slice(0, 12);

interface ExpectedService {
	readonly service: string;
	readonly image?: string;
	readonly replicas?: number;
	readonly unwell?: true;
	readonly ran?: true;
}

/** Lists every service that the plan expects; its main service comes first. */
export const expectedServices = ({ service, image, services = [], built }: Expected): readonly ExpectedService[] => {
	const own = services.find((one) => one.service === service);
	const others = services.filter((one) => one.service !== service);
	return [{ ...own, service, image: image ?? own?.image }, ...others].map((one) => ({
		...one,
		image: one.image ?? built?.[one.service],
	}));
};

/** The judgement on all services together. */
export interface Judged {
	/** Services that run another version than planned. */
	readonly wrong: readonly string[];
	/** Services that do not run, whatever their version. */
	readonly down: readonly string[];
	/** Services that match the plan as far as visible, without proof. */
	readonly unproven: readonly string[];
	readonly proven: Proven;
}

const isImage = ({ imageId }: Instance, image: string): boolean =>
	isReference(imageId) ? isReferenceTo(imageId, image) : bareId(imageId).startsWith(bareId(image));

/** Says why a service does not run as it should; undefined when it does. A job that has ended with 0 has run. */
const notRunning = (
	{ service, replicas = 1, unwell }: ExpectedService,
	containers: readonly Instance[],
	mayEnd: boolean,
): string | undefined => {
	const running = containers.filter(({ status }) => status === 'running');
	if (replicas === 0) {
		return running.length > 0 ? `${service} still runs` : undefined;
	}
	if (containers.length === 0) {
		return `${service} has no container`;
	}
	if (unwell === true) {
		return undefined;
	}
	const done = mayEnd ? containers.filter(({ status, exitCode }) => status === 'exited' && exitCode === 0) : [];
	if (running.length + done.length >= replicas) {
		return undefined;
	}
	return replicas > 1
		? `${running.length} of ${replicas} containers of ${service} run`
		: `${service} is ${containers[0]?.status ?? 'unknown'}`;
};

/**
 * Says that a service which ran before has ended by itself with 0, so that it may have been taken for a job: a server whose main process leaves
 * others in the background ends like that, too.
 */
const hasEnded = (
	{ service, replicas = 1, ran, unwell }: ExpectedService,
	containers: readonly Instance[],
): string[] => {
	const running = containers.filter(({ status }) => status === 'running');
	return ran !== true || unwell === true || running.length >= replicas
		? []
		: [`${service} ran before, and has ended with exit code 0: nothing shows that this was its work`];
};

/** True when an image belongs to a commit: built from it in this run, labelled with it, or recorded so. */
const isOfCommit = (
	{ built, unproven }: Expected,
	commit: string,
	service: string,
	image: string,
	known: KnownImage | undefined,
): boolean =>
	unproven === undefined &&
	((built?.[service] !== undefined && bareId(built[service]) === bareId(image)) ||
		known?.revision === commit ||
		known?.noted.has(commit) === true);

/**
 * Compares what runs with what the plan expects: every container of every service.
 *
 * @param images by the id that containers name
 */
export const judgeVersion = (
	expected: Expected,
	containers: readonly Instance[],
	images: ReadonlyMap<string, KnownImage>,
): Judged => {
	const wrong: string[] = [];
	const down: string[] = [];
	const unproven: string[] = [];
	const provenImages: Proven['images'][number][] = [];
	const { commit } = expected;
	const jobs = new Set(containers.flatMap(({ waitsForEndOf = [] }) => waitsForEndOf));
	for (const one of expectedServices(expected)) {
		const { service } = one;
		const found = containers.filter((details) => details.service === service);
		const trouble = notRunning(one, found, service !== expected.service);
		if (trouble !== undefined) {
			(one.replicas === 0 ? wrong : down).push(trouble);
		}
		unproven.push(...(trouble === undefined && !jobs.has(service) ? hasEnded(one, found) : []));
		// A stopped container may have any version; a job has ended.
		const running = found.filter(({ status }) => status === 'running');
		const counted = running.length > 0 ? running : found;
		if (one.replicas === 0) {
			continue;
		}
		for (const image of new Set(counted.map(({ imageId }) => imageId))) {
			const known = images.get(image);
			const ofCommit = commit !== undefined && isOfCommit(expected, commit, service, image, known);
			const other = counted.some((details) => details.imageId === image && !isImage(details, one.image ?? image));
			if (other) {
				wrong.push(`${service} runs image ${shortId(image)} instead of ${shortId(one.image ?? '')}`);
			} else if (one.image !== undefined || ofCommit) {
				provenImages.push({ service, image, ofCommit });
			} else if (commit === undefined) {
				unproven.push(`nothing says which image ${service} should run`);
			} else if (known?.revision !== undefined && /^[0-9a-f]{40}/.test(known.revision)) {
				wrong.push(`${service} runs an image of commit ${shortId(known.revision)} instead of ${shortId(commit)}`);
			} else {
				unproven.push(`nothing proves that the image of ${service} was built from it`);
			}
		}
	}
	// The version of a service that is down is proven all the same: it is the one that fails.
	const certain = wrong.length === 0 && unproven.length === 0;
	const ofCommit = certain && commit !== undefined && provenImages.some((one) => one.ofCommit);
	return { wrong, down, unproven, proven: { ...(ofCommit && { commit }), images: certain ? provenImages : [] } };
};
