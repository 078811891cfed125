import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './exec.ts';
import { hostEnv, type Layout, saveInfo } from './layout.ts';
import { waitFor } from './processes.ts';
import type { LabCommit, LabInfo } from './types.ts';

const history = [
	{ subject: 'Open the guestbook', version: '1.0.0' },
	{ subject: 'Count entries', version: '1.1.0' },
	{ subject: 'Keep the book in a volume', version: '1.2.0' },
];

async function makeRepository(directory: string, info: LabInfo): Promise<LabCommit[]> {
	const env = {
		...hostEnv(info),
		GIT_AUTHOR_NAME: 'Ada',
		GIT_AUTHOR_EMAIL: 'ada@guestbook.example',
		GIT_COMMITTER_NAME: 'Ada',
		GIT_COMMITTER_EMAIL: 'ada@guestbook.example',
	};
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(directory, { recursive: true });
	cpSync(join(import.meta.dirname, 'guestbook'), directory, { recursive: true });
	writeFileSync(join(directory, '.gitignore'), '.env\n');
	await must('git', ['init', '-q', '-b', 'main', directory], { env });
	const commits: LabCommit[] = [];
	for (const { subject, version } of history) {
		writeFileSync(join(directory, 'VERSION'), `${version}\n`);
		await must('git', ['add', '-A'], { cwd: directory, env });
		await must('git', ['commit', '-q', '-m', subject], { cwd: directory, env });
		commits.push({ hash: await must('git', ['rev-parse', 'HEAD'], { cwd: directory, env }), subject, version });
	}
	return commits;
}

/**
 * The second project of the host, in its good state: the newest commit runs, and there are two entries. It is unrelated
 * to the first, and smaller: its own clone, two services, no database.
 */
export async function bringUpGuestbook(
	at: Layout,
	info: LabInfo,
	freePort: () => Promise<number>,
): Promise<NonNullable<LabInfo['guestbook']>> {
	const directory = join(at.dir, 'srv', 'guestbook');
	if (info.guestbook === undefined || !existsSync(join(directory, '.git'))) {
		const port = info.guestbook?.port ?? (await freePort());
		info.guestbook = { directory, port, commits: await makeRepository(directory, info) };
		saveInfo(info);
	}
	const { port, commits } = info.guestbook;
	const run = (script: string, ...args: string[]) =>
		must('sh', ['-ec', script, 'sh', ...args], { cwd: directory, env: hostEnv(info), timeout: 60_000 });
	writeFileSync(join(directory, '.env'), `GUESTBOOK_PORT=${port}\n`);
	await run(
		`rm -f .git/index.lock; git checkout -q -f -B main "$1"; git clean -q -d -f
		docker compose build -q web; docker compose up -d --no-build`,
		commits.at(-1)?.hash ?? '',
	);
	const answers = await waitFor(async () => {
		try {
			const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1000) });
			return ((await answer.json()) as { version: string }).version === commits.at(-1)?.version;
		} catch {
			return false;
		}
	}, 30_000);
	if (!answers) throw new Error('the guestbook does not come up');
	await run(`docker compose exec -T web sh -c 'printf "lovely\\nhello from Graz\\n" >/data/entries.txt'`);
	return info.guestbook;
}
