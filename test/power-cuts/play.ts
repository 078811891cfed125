import { join } from 'node:path';
import { engineEnv, type OwnEngine, startOwnEngine } from '../engine/harness/engine.ts';
import { plainProject } from '../engine/harness/files.ts';
import { createSite, type Site } from '../engine/harness/site.ts';
import { differences, type Snapshot } from '../engine/harness/snapshot.ts';
import { must } from '../lab/exec.ts';
import { type CutDisk, makeCutDisk } from './cut-disk.ts';

/** What the power is cut in: a rollback, or the undo of one. */
export type During = 'run' | 'undo';

export interface PowerCuts {
	/** The number of moments at which something had just reached the disk. */
	readonly moments: number;
	/** Starts the host from the disk of a moment, from 0, and returns what must not be, one sentence each, and what was found there. */
	judge(moment: number): Promise<{ readonly found: string; readonly violations: readonly string[] }>;
	close(): Promise<void>;
}

const confirmed = ['--yes', '--confirm', 't', '--reason', 'test'];

/** A deployment with all that a rollback can lose: local edits, ignored files, one that the older commit tracks, two images. */
const deploy = async (site: Site): Promise<string> => {
	const compose =
		'services:\n' +
		'  web: { build: ., restart: always, stop_grace_period: 1s, env_file: .env, volumes: ["./conf:/conf:ro", "data:/data"] }\n' +
		'  api: { build: ., restart: always, stop_grace_period: 1s, command: ["sh", "/app.sh"] }\n' +
		'volumes: { data: {} }\n';
	const version = (number: string) => ({ ...plainProject(number), 'compose.yaml': compose });
	const first = await site.commit('one', {
		...version('1'),
		'.gitignore': '.env\n',
		'conf/app.conf': 'tracked\n',
		'notes.txt': 'first\n',
		'.env': 'VALUE=1\n',
	});
	await site.sh('git rm -q --cached conf/app.conf && printf "conf/\\n" >>.gitignore');
	await site.commit('two', version('2'));
	site.write({ 'conf/app.conf': 'of this host\n', 'notes.txt': 'edited here\n' });
	await site.deploy();
	return first;
};

interface Run {
	readonly id: string;
	readonly state: string;
	readonly procedure: string;
}

const runsOf = async (site: Site): Promise<readonly Run[]> => {
	const { text } = await site.backout('runs', '--json');
	return text
		.split('\n')
		.filter((line) => line.startsWith('{'))
		.map((line) => JSON.parse(line))
		.filter(({ type }) => type === 'run');
};

const versions = ({ containers }: Snapshot): string =>
	containers.map(({ service, version, state }) => `${service} ${version} ${state}`).join(', ');

/** Sets up a host whose disk can be cut, with a deployment on it, and plays what the power is cut in, while each moment is kept. */
export const playPowerCuts = async (during: During): Promise<PowerCuts> => {
	const disk: CutDisk = await makeCutDisk();
	const close: (() => Promise<unknown>)[] = [() => disk.remove()];
	const end = async () => {
		for (const one of close.toReversed()) await one().catch(() => undefined);
	};
	try {
		const engine: OwnEngine = await startOwnEngine(join(disk.folder, 'docker'));
		close.push(() => engine.stop());
		const site = await createSite(engineEnv(engine.socket, engine.path), { in: disk.folder });
		const first = await deploy(site);
		const before = await site.snapshot();
		const rollBack = ['run', 'rollback-commit', '--input', `commit=${first}`, ...confirmed];
		if (during === 'undo') {
			const { code, text } = await site.backout(...rollBack);
			if (code !== 0) throw new Error(`the rollback ended with ${code}:\n${text}`);
		}
		const start = await site.snapshot();
		await must('sync', ['-f', disk.folder]);
		const stop = await disk.record();
		const { code, text } = await site.backout(...(during === 'undo' ? ['undo', 'last', ...confirmed] : rollBack));
		const cuts = stop();
		if (code !== 0) throw new Error(`${during} ended with ${code}:\n${text}`);
		const done = await site.snapshot();
		const judge = async (moment: number) => {
			const cut = cuts[moment];
			if (cut === undefined) throw new RangeError(`there are ${cuts.length} moments`);
			await engine.restart(() => disk.startFrom(cut));
			const now = await site.snapshot();
			const runs = await runsOf(site);
			const run = runs[0];
			const violations: string[] = [];
			const found = `${run === undefined ? 'no run' : `${run.procedure} ${run.state}`}; ${versions(now)}`;
			const isNew = run !== undefined && runs.length === (during === 'undo' ? 2 : 1);
			if (run?.state === 'running') violations.push('a run is said to be going on');
			if (!isNew) {
				violations.push(...differences(start, now, 'settings').map((line) => `changed without a run: ${line}`));
			} else if (run?.state === 'succeeded') {
				violations.push(...differences(done, now, 'settings').map((line) => `succeeded, and not so: ${line}`));
			}
			if (run !== undefined) {
				const back = await site.backout('undo', 'last', ...confirmed);
				const wanted = during === 'undo' && isNew ? start : before;
				const differ = differences(wanted, await site.snapshot(), 'settings');
				if (differ.length > 0)
					violations.push(
						`undo ended with ${back.code}:\n${back.text}`,
						...differ.map((line) => `after undo: ${line}`),
					);
			}
			return { found, violations };
		};
		return { moments: cuts.length, judge, close: end };
	} catch (error) {
		await end();
		throw error;
	}
};
