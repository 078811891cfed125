import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must } from './exec.ts';
import { hostEnv, type Layout } from './layout.ts';
import type { LabCommit, LabInfo } from './types.ts';

/** A change to the deployed project: text replaced in files, or files made or added to. */
export interface Change {
	subject: string;
	version: string;
	author: string;
	/** Hours before the lab was made; 0 for now. */
	hoursAgo: number;
	edits: { file: string; from?: string; to: string }[];
}

const history: Change[] = [
	{ subject: 'Import the trading engine', version: '1.8.0', author: 'Mara Lindqvist', hoursAgo: 241, edits: [] },
	{
		subject: 'Limit the notional of an order',
		version: '1.8.1',
		author: 'Tomas Reyes',
		hoursAgo: 193,
		edits: [{ file: 'README.md', to: '\n`MAX_ORDER_NOTIONAL` in `.env` limits an order.\n' }],
	},
	{
		subject: 'Add FX futures to the instruments',
		version: '1.8.2',
		author: 'Mara Lindqvist',
		hoursAgo: 150,
		edits: [
			{ file: 'config/instruments.yaml', to: '  - { symbol: 6E, exchange: CME, currency: USD, weight: 0.10 }\n' },
		],
	},
	{
		subject: 'Report less often in the log',
		version: '1.9.0',
		author: 'Mara Lindqvist',
		hoursAgo: 98,
		edits: [{ file: 'src/main.py', from: 'self.every(10, "report")', to: 'self.every(15, "report")' }],
	},
	{
		subject: 'Raise the weight of FESX for the quarter',
		version: '1.9.1',
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
		subject: 'Rebalance every four seconds in the European open',
		version: '1.9.2',
		author: 'Mara Lindqvist',
		hoursAgo: 26,
		edits: [{ file: 'src/settings.py', from: 'REBALANCE_SECONDS = 5.0', to: 'REBALANCE_SECONDS = 4.0' }],
	},
];

/** Makes the bare origin with its history, and the clone that is deployed. Gives the commits, oldest first. */
export async function makeRepositories(at: Layout, info: LabInfo): Promise<LabCommit[]> {
	rmSync(at.origin, { recursive: true, force: true });
	rmSync(at.directory, { recursive: true, force: true });
	mkdirSync(dirname(at.origin), { recursive: true });
	await must('git', ['init', '-q', '--bare', '-b', 'main', at.origin], { env: hostEnv(info) });
	const work = join(at.cache, 'work');
	rmSync(work, { recursive: true, force: true });
	cpSync(join(import.meta.dirname, 'project'), work, { recursive: true });
	// Under its own name it would hide files of this repository.
	renameSync(join(work, 'gitignore'), join(work, '.gitignore'));
	await must('git', ['init', '-q', '-b', 'main', work], { env: hostEnv(info) });
	const commits: LabCommit[] = [];
	for (const change of history) commits.push(await commit(work, info, change));
	await must('git', ['push', '-q', at.origin, 'main'], { cwd: work, env: hostEnv(info) });
	await must('git', ['clone', '-q', at.origin, at.directory], { env: hostEnv(info) });
	for (const [name, value] of [
		['user.name', 'root'],
		['user.email', 'root@abstractfinance.example'],
		['gc.auto', '0'],
	] as const) {
		await must('git', ['config', name, value], { cwd: at.directory, env: hostEnv(info) });
	}
	rmSync(work, { recursive: true, force: true });
	return commits;
}

/** Commits changes on top of the origin's main and pushes them, as a developer does elsewhere. Gives the commits. */
export async function pushCommits(at: Layout, info: LabInfo, changes: Change[]): Promise<LabCommit[]> {
	const work = join(at.cache, 'work');
	const env = hostEnv(info);
	rmSync(work, { recursive: true, force: true });
	await must('git', ['clone', '-q', at.origin, work], { env });
	const commits: LabCommit[] = [];
	for (const change of changes) commits.push(await commit(work, info, change));
	await must('git', ['push', '-q', 'origin', 'main'], { cwd: work, env });
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
	writeFileSync(join(work, 'VERSION'), `${change.version}\n`);
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
	const hash = await must('git', ['rev-parse', 'HEAD'], { cwd: work, env });
	return { hash, subject: change.subject, version: change.version };
}
