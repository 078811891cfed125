import { must } from '../../lab/exec.ts';
import { baseImage } from '../harness/base-image.ts';
import { serves } from '../harness/files.ts';
import { jobsEnded } from '../harness/jobs.ts';
import { type Judged, judgeRun, type Outcome, outcomeOf } from '../harness/judge.ts';
import { createSite, type Site } from '../harness/site.ts';
import { differences } from '../harness/snapshot.ts';
import { filesHere, filesOf, folderOf, ownerArgs, publishedName } from './render.ts';
import type { Fault, Spec } from './spec.ts';
import { type Ground, wantedOf } from './wanted.ts';

export interface Played {
	readonly outcome: Outcome | 'not played';
	readonly undo: Outcome | 'none';
	readonly findings: readonly string[];
	/** The program's output, or the reason why the owner could not even deploy it. */
	readonly text: string;
	/** A shell script that does all of it again, the judging left out. */
	readonly script: readonly string[];
}

const inFolder = (spec: Spec, token: string, files: Readonly<Record<string, string>>): Record<string, string> => {
	const folder = folderOf(spec, token);
	return Object.fromEntries(
		Object.entries(files).map(([path, text]) => [folder === '' ? path : `${folder}/${path}`, text]),
	);
};

/** Builds what a pipeline elsewhere would have pushed: `p1`, `p2` … under a name each, `m1` and then `m2` under one. */
const publish = async (site: Site, name: string, version: string): Promise<void> => {
	site.write({
		'../elsewhere/Dockerfile': `FROM ${baseImage}\nLABEL test.version=${version} test.site=${site.token}\n`,
		'../elsewhere/app.sh': serves,
	});
	await site.docker('build', '-q', '-t', name, `${site.folder}/elsewhere`);
};

const publishAll = async (site: Site, spec: Spec): Promise<void> => {
	const used = spec.commits.flatMap(({ services }) => services);
	const tags = new Set(used.filter(({ source }) => source === 'published').map(({ tag }) => tag));
	for (const tag of tags) {
		await publish(site, `${site.token}/published:${tag}`, `p${tag}`);
	}
	await moveTag(site, spec, 'm1');
};

const moveTag = async (site: Site, spec: Spec, version: string): Promise<void> => {
	const one = spec.commits.flatMap(({ services }) => services).find(({ source }) => source === 'moving');
	if (one !== undefined) {
		await publish(site, publishedName(site.token, one), version);
	}
};

const addSubmodule = async (site: Site): Promise<void> => {
	const path = `${site.folder}/library`;
	site.write({ '../library/lib.txt': 'library\n' });
	for (const args of [
		['init', '-q', '-b', 'main'],
		['add', '-A'],
		['commit', '-q', '-m', 'library'],
	]) {
		await must('git', args, { cwd: path, env: site.env });
	}
	const within = site.directory === site.top ? 'lib' : `${site.directory.slice(site.top.length + 1)}/lib`;
	await site.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', path, within);
};

/** Makes the commits one after the other; deploys the first, where that was so, and the last. */
const makeHistory = async (site: Site, spec: Spec): Promise<Ground> => {
	const { token } = site;
	const up = ['up', '-d', '--build', ...(spec.removeOrphans ? ['--remove-orphans'] : [])];
	site.write(inFolder(spec, token, filesHere(spec, token)));
	await publishAll(site, spec);
	const hashes: string[] = [];
	let firstImage: string | undefined;
	for (const [index, commit] of spec.commits.entries()) {
		if (index === 0 && spec.submodule) {
			await addSubmodule(site);
		}
		if (!commit.confTracked && spec.commits[index - 1]?.confTracked !== false) {
			await site.sh(
				'git rm -q --cached --ignore-unmatch conf/app.conf; mkdir -p conf; echo "conf of this host" >conf/app.conf',
			);
		}
		hashes.push(await site.commit(`version ${index + 1}`, inFolder(spec, token, filesOf(spec, token, index))));
		if (index === 0 && spec.firstDeployed) {
			await site.compose(...up);
			const first = (await site.containers()).find(({ service }) => service === spec.main);
			firstImage = first?.image;
			if (first !== undefined) {
				const container = `${first.project}-${first.service}-${first.number}`;
				site.nameInScript('first_image', `docker inspect --format '{{.Image}}' ${container}`, first.image);
			}
			await moveTag(site, spec, 'm2');
		}
	}
	await site.compose(...up);
	return { hashes, firstImage };
};

const oneContainer = async (site: Site, spec: Spec): Promise<string | undefined> => {
	const all = await site.containers();
	return all[spec.seed % Math.max(1, all.length)]?.id;
};

const faults: Readonly<Record<Fault, (site: Site, spec: Spec) => Promise<unknown>>> = {
	'edit-elsewhere': (site) => site.sh('echo "A note." >>README.md'),
	'edit-in-the-way': (site) => site.sh('echo "# a note" >>Dockerfile'),
	'untracked-file': (site) => site.sh('echo "only here" >notes.txt'),
	stopped: async (site, spec) => {
		const id = await oneContainer(site, spec);
		return id && site.docker('stop', id);
	},
	removed: async (site, spec) => {
		const id = await oneContainer(site, spec);
		return id && site.docker('rm', '-f', id);
	},
	'config-broken': async (site) => {
		await site.sh('cp .env .env.good; sed "s/^VALUE=.*/VALUE=broken/" .env.good >.env');
		await site.compose('up', '-d');
	},
	'newer-commit': (site) =>
		site.sh('echo "More." >>README.md; git add README.md; git commit -q -m "not deployed yet" README.md'),
	'image-pruned': (site) => site.docker('image', 'prune', '-af', '--filter', `label=test.site=${site.token}`),
};

/** Stops everything and starts it again, or takes the stop back; both have to leave what was there. */
const stopAndBack = async (site: Site, spec: Spec, jobs: readonly string[]): Promise<Omit<Played, 'script'>> => {
	const before = await site.snapshot();
	const confirmed = ['--yes', '--confirm', 't', '--reason', 'test'];
	const stop = await site.backout('run', 'stop-everything', ...confirmed);
	const outcome = outcomeOf('stop-everything', stop);
	const running = (await site.containers()).filter(({ state }) => state === 'up');
	const findings = outcome === 'verified' ? running.map(({ service }) => `stopped: ${service} still runs`) : [];
	if (outcome === 'refused') {
		return {
			outcome,
			undo: 'none',
			findings: differences(before, await site.snapshot(), 'containers'),
			text: stop.text,
		};
	}
	const back = await site.backout(
		...(spec.procedure === 'stop-undo' ? ['undo', 'last'] : ['run', 'start-everything']),
		...confirmed,
	);
	const undo = outcomeOf('start', back);
	await jobsEnded(site, jobs);
	if (undo === 'verified' || undo === 'not verified') {
		// `start-everything` also starts services that were stopped by hand.
		const found = differences(before, await site.snapshot(), 'containers').filter(
			(line) => spec.procedure === 'stop-undo' || !line.includes(': state before exited'),
		);
		findings.push(...found.map((line) => `back: ${line}`));
	}
	return { outcome, undo, findings, text: `${stop.text}\n── back ──\n${back.text}` };
};

const inputOf = (site: Site, spec: Spec, ground: Ground): string => {
	switch (spec.procedure) {
		case 'rollback-image':
			return `image=${ground.firstImage}`;
		case 'config-error':
			return `source=env:${site.directory}/.env.good`;
		default:
			return `commit=${ground.hashes[0]}`;
	}
};

/**
 * Returns the history as the host shows it: without a container of a service with a profile, nothing shows that its owner uses the
 * profile.
 */
const asSeen = async (site: Site, spec: Spec): Promise<{ seen: Spec; unseen: readonly string[] }> => {
	const inProfile = (spec.commits.at(-1)?.services ?? []).filter(({ profile }) => profile).map(({ name }) => name);
	const found = (await site.containers()).some(({ service }) => inProfile.includes(service));
	if (!spec.profile || found) {
		return { seen: spec, unseen: [] };
	}
	const unseen = spec.commits.flatMap(({ services }) =>
		services.filter(({ profile }) => profile).map(({ name }) => name),
	);
	return { seen: { ...spec, profile: false }, unseen };
};

/** The services whose containers crash now and are not started again: how they are is judged when they have. */
const crashedForGood = ({ commits }: Spec): readonly string[] => {
	const last = commits.at(-1);
	const crash = last?.crashes
		? last.services.filter(({ source }) => source !== 'published' && source !== 'moving')
		: [];
	return crash.filter(({ policy }) => policy === 'no').map(({ name }) => name);
};

const judge = async (site: Site, spec: Spec, ground: Ground): Promise<Judged | Omit<Played, 'script'>> => {
	const jobs = spec.commits.flatMap(({ services }) => services.filter(({ job }) => job).map(({ name }) => name));
	await jobsEnded(site, [...jobs, ...crashedForGood(spec)]);
	if (spec.procedure === 'stop-start' || spec.procedure === 'stop-undo') {
		return stopAndBack(site, spec, jobs);
	}
	const args = [spec.procedure, '--input', inputOf(site, spec, ground)];
	const { seen, unseen } = await asSeen(site, spec);
	const wanted = wantedOf(seen, ground);
	const judged = await judgeRun(site, args, wanted, { jobs, unseen });
	// Losses have to be allowed by name: an operator who wants them does so.
	const allowed = [...new Set([...judged.text.matchAll(/--allow ([^\s),]+)/g)].map(([, name]) => name ?? ''))];
	if (judged.outcome !== 'refused' || judged.findings.length > 0 || allowed.length === 0) {
		return judged;
	}
	return judgeRun(site, [...args, ...allowed.flatMap((name) => ['--allow', name])], wanted, { jobs, unseen });
};

/** Makes the deployment, lets go wrong what does, runs the procedure, takes it back, and judges each by the engine. */
export const play = async (engine: Record<string, string | undefined>, spec: Spec): Promise<Played> => {
	// The token is in the names that the owner gives.
	const site = await createSite(engine, {
		within: (token) => folderOf(spec, token),
		argsFor: (token) => ownerArgs(spec, token),
		service: spec.main,
	});
	try {
		let ground: Ground;
		try {
			ground = await makeHistory(site, spec);
			for (const fault of spec.faults) {
				await faults[fault](site, spec);
			}
		} catch (error) {
			return { outcome: 'not played', undo: 'none', findings: [], text: String(error), script: site.script };
		}
		if (spec.procedure === 'rollback-image' && ground.firstImage === undefined) {
			return { outcome: 'not played', undo: 'none', findings: [], text: 'no image to go back to', script: site.script };
		}
		const { outcome, undo, findings, text } = await judge(site, spec, ground);
		return { outcome, undo, findings, text, script: site.script };
	} finally {
		await site.remove();
	}
};
