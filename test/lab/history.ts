import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { giveToOwner } from './deployment.ts';
import { must } from './exec.ts';
import { hostEnv, type Layout, ownerEnv } from './layout.ts';
import { asOwner } from './owner.ts';
import { copyProject } from './project.ts';
import type { LabCommit, LabInfo } from './types.ts';

/** A change to the deployed project: text replaced in files, or files made or added to. */
export interface Change {
	subject: string;
	/** The tag that is put on it, such as v2.0.3; empty for none. */
	version: string;
	author: string;
	/** Hours before the lab was made; 0 for now. */
	hoursAgo: number;
	edits: { file: string; from?: string; to: string }[];
}

const history: Change[] = [
	{ subject: 'Import the trading engine', version: 'v2.0.0', author: 'Mara Lindqvist', hoursAgo: 241, edits: [] },
	{
		subject: 'Describe the run times',
		version: 'v2.0.1',
		author: 'Tomas Reyes',
		hoursAgo: 193,
		edits: [{ file: 'README.md', to: '\nRuns are at 09:15 and 15:00 UTC (`config/settings.yaml`).\n' }],
	},
	{
		subject: 'Add FX futures to the instruments',
		version: '',
		author: 'Mara Lindqvist',
		hoursAgo: 150,
		edits: [
			{ file: 'config/instruments.yaml', to: '  - { symbol: 6E, exchange: CME, currency: USD, weight: 0.10 }\n' },
		],
	},
	{
		subject: 'Wait longer for an order to fill',
		version: 'v2.0.2',
		author: 'Mara Lindqvist',
		hoursAgo: 98,
		edits: [{ file: 'src/execution_ibkr.py', from: 'clock.patience(30)', to: 'clock.patience(45)' }],
	},
	{
		subject: 'Raise the weight of FESX for the quarter',
		version: '',
		author: 'Tomas Reyes',
		hoursAgo: 51,
		edits: [
			{
				file: 'config/instruments.yaml',
				from: 'EUREX, currency: EUR, weight: 0.25',
				to: 'EUREX, currency: EUR, weight: 0.30',
			},
		],
	},
	{
		subject: 'Size by twenty thousand a lot',
		version: 'v2.0.3',
		author: 'Mara Lindqvist',
		hoursAgo: 26,
		edits: [{ file: 'src/sizing.py', from: '25_000', to: '20_000' }],
	},
];

/**
 * Makes the bare origin with its history and tags, and the clone that is deployed, both the owner's. The clone has the reflog
 * that its deployments leave: a pull for each commit; beside it is kept the one that tags leave. Gives the commits, oldest first.
 */
export async function makeRepositories(at: Layout, info: LabInfo): Promise<LabCommit[]> {
	for (const folder of [at.origin, at.directory, join(at.keep, 'reflogs')])
		rmSync(folder, { recursive: true, force: true });
	mkdirSync(dirname(at.origin), { recursive: true });
	const git = (cwd: string, ...args: string[]) => must('git', args, { cwd, env: hostEnv(info) });
	await git(at.dir, 'init', '-q', '--bare', '-b', 'main', at.origin);
	const work = join(at.cache, 'work');
	rmSync(work, { recursive: true, force: true });
	copyProject(at, info, work);
	await git(at.dir, 'init', '-q', '-b', 'main', work);
	const commits: LabCommit[] = [];
	for (const change of history) commits.push(await commit(work, info, change));
	await git(work, 'push', '-q', at.origin, 'main:refs/lab/all', '--tags');
	const tagged = join(at.cache, 'tagged');
	rmSync(tagged, { recursive: true, force: true });
	for (const [index, { hash, version }] of commits.entries()) {
		// Each time the clock of the deployment: a quarter of an hour after the commit.
		const change = history[index];
		const when = new Date(Date.now() - (change?.hoursAgo ?? 0) * 3_600_000 + 900_000).toISOString();
		const env = {
			...hostEnv(info),
			GIT_COMMITTER_NAME: 'abstractfinance',
			GIT_COMMITTER_EMAIL: 'deploy@abstractfinance.example',
			GIT_COMMITTER_DATE: when,
		};
		await must('git', ['update-ref', 'refs/heads/main', hash], { cwd: at.origin, env });
		if (index === 0) {
			for (const clone of [at.directory, tagged]) {
				await must('git', ['clone', '-q', at.origin, clone], { env });
				await configure(clone, info);
			}
			continue;
		}
		await must('git', ['pull', 'origin', 'main'], { cwd: at.directory, env });
		if (version === '') continue;
		await must('git', ['fetch', '--tags'], { cwd: tagged, env });
		await must('git', ['checkout', version], { cwd: tagged, env });
	}
	await git(at.origin, 'update-ref', '-d', 'refs/lab/all');
	for (const [clone, mode] of [
		[at.directory, 'branch'],
		[tagged, 'tag'],
	] as const) {
		cpSync(join(clone, '.git', 'logs'), join(at.keep, 'reflogs', mode), { recursive: true });
	}
	for (const folder of [work, tagged]) rmSync(folder, { recursive: true, force: true });
	await giveToOwner(at.origin);
	await giveToOwner(at.directory);
	return commits;
}

async function configure(clone: string, info: LabInfo): Promise<void> {
	for (const [name, value] of [
		['user.name', 'abstractfinance'],
		['user.email', 'deploy@abstractfinance.example'],
		['gc.auto', '0'],
	] as const) {
		await must('git', ['config', name, value], { cwd: clone, env: hostEnv(info) });
	}
}

/** Commits changes on top of the origin's main and pushes them with their tags, as a developer does elsewhere. Gives the commits. */
export async function pushCommits(at: Layout, info: LabInfo, changes: Change[]): Promise<LabCommit[]> {
	const work = join(at.cache, 'work');
	rmSync(work, { recursive: true, force: true });
	mkdirSync(work, { recursive: true });
	await giveToOwner(work);
	const git = (...args: string[]) => must(...asOwner('git', args), { cwd: work, env: ownerEnv(info) });
	await git('clone', '-q', at.origin, '.');
	const commits: LabCommit[] = [];
	for (const change of changes) commits.push(await commit(work, info, change));
	await giveToOwner(work);
	await git('push', '-q', '--tags', 'origin', 'main');
	rmSync(work, { recursive: true, force: true });
	return commits;
}

async function commit(work: string, info: LabInfo, change: Change): Promise<LabCommit> {
	for (const { file, from, to } of change.edits) {
		const path = join(work, file);
		const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
		if (from !== undefined && !old.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
		writeFileSync(path, from === undefined ? old + to : old.replace(from, to));
	}
	const date = new Date(Date.now() - change.hoursAgo * 3_600_000).toISOString();
	const [first = 'dev'] = change.author.toLowerCase().split(' ');
	const who = (role: string) => ({
		[`GIT_${role}_NAME`]: change.author,
		[`GIT_${role}_EMAIL`]: `${first}@abstractfinance.example`,
		[`GIT_${role}_DATE`]: date,
	});
	const env = { ...hostEnv(info), ...who('AUTHOR'), ...who('COMMITTER') };
	await must('git', ['add', '-A'], { cwd: work, env });
	await must('git', ['commit', '-q', '-m', change.subject], { cwd: work, env });
	if (change.version !== '') await must('git', ['tag', change.version], { cwd: work, env });
	const hash = await must('git', ['rev-parse', 'HEAD'], { cwd: work, env });
	return { hash, subject: change.subject, version: change.version };
}
