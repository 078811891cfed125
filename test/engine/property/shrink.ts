import { type Played, play } from './play.ts';
import type { CommitSpec, Spec } from './spec.ts';

const plain: Partial<Spec> = {
	naming: 'folder',
	within: false,
	files: 'one',
	envFrom: 'none',
	envFileIgnored: false,
	profile: false,
	secret: false,
	submodule: false,
	removeOrphans: true,
};

const withoutService = (commit: CommitSpec, gone: string): CommitSpec => ({
	...commit,
	services: commit.services
		.filter(({ name }) => name !== gone)
		.map((item) => ({
			...item,
			network: item.network === gone ? undefined : item.network,
			after: item.after === gone ? undefined : item.after,
		})),
});

/** Histories with one thing less each. */
const smaller = (spec: Spec): readonly Spec[] => {
	const names = [...new Set(spec.commits.flatMap(({ services }) => services.map(({ name }) => name)))];
	const plainer = (Object.keys(plain) as (keyof Spec)[])
		.filter((key) => spec[key] !== plain[key] && !(key === 'envFrom' && spec.procedure === 'config-error'))
		.map((key) => ({ ...spec, [key]: plain[key] }));
	return [
		...(spec.commits.length > 2 ? [{ ...spec, commits: [spec.commits[0], spec.commits.at(-1)] as CommitSpec[] }] : []),
		...spec.faults.map((fault) => ({ ...spec, faults: spec.faults.filter((item) => item !== fault) })),
		...names
			.filter((name) => name !== spec.main)
			.map((name) => ({ ...spec, commits: spec.commits.map((commit) => withoutService(commit, name)) })),
		...plainer,
		...(spec.commits.some(({ crashes }) => crashes)
			? [{ ...spec, commits: spec.commits.map((commit) => ({ ...commit, crashes: false })) }]
			: []),
	];
};

const kindOf = ({ findings }: Played): string =>
	(findings[0] ?? '')
		.replace(/\b(s|named-s|in-s)[0-9a-f]{8}\S*/g, '')
		.replace(/[0-9a-f]{12,}/g, '')
		.slice(0, 50);

/** Looks for a smaller history whose first finding is of the same kind; takes the first that is found, until none is smaller. */
export const shrink = async (
	env: Record<string, string | undefined>,
	spec: Spec,
	played: Played,
): Promise<{ spec: Spec; played: Played }> => {
	for (const candidate of smaller(spec)) {
		const again = await play(env, candidate).catch(() => undefined);
		if (again !== undefined && again.findings.length > 0 && kindOf(again) === kindOf(played)) {
			return shrink(env, candidate, again);
		}
	}
	return { spec, played };
};
