import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { loadEngineSurveys } from '../application/fleet/choose-engine.ts';
import { BackoutError } from '../runbook/errors.ts';
import { databaseService, mainService, type Survey } from '../runbook/survey.ts';
import { checkFile } from '../services/files/files.ts';
import type { Host } from '../services/host/host.ts';
import { openHost, setPrograms } from '../services/host/open.ts';
import type { EngineSurvey, FoundDeployment } from '../services/survey/engine-survey.ts';
import { askLine, askOperator } from './ask-operator.ts';
import { bold, dim, glyph, print, safe } from './print.ts';

export interface InitOptions {
	readonly directory?: string;
	readonly project?: string;
	/** The folder for the two files. */
	readonly output?: string;
	readonly name?: string;
	readonly identityFile?: string;
	readonly knownHosts?: string;
	readonly sshConfig?: string;
	readonly jump?: string;
}

const interactive = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** A deployment, with the engine that runs it. */
interface Found extends FoundDeployment {
	readonly survey: EngineSurvey;
}

/** Lists what runs on the host, of all engines. A folder that is a guess is the one of the options, if they name one. */
const listAll = async (
	surveys: readonly EngineSurvey[],
	host: Host,
	{ directory }: InitOptions,
	signal: AbortSignal,
): Promise<readonly Found[]> => {
	const answers = await Promise.allSettled(
		surveys.map(async (survey) => (await survey.list(host, signal)).map((found) => ({ ...found, survey }))),
	);
	signal.throwIfAborted();
	const all = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
	const failed = answers.find((answer) => answer.status === 'rejected');
	if (failed !== undefined && all.length === 0) {
		throw failed.reason;
	}
	// An engine that does not answer is none that runs anything here, as long as another one does.
	return all.map((found) =>
		found.isGuess === true && directory !== undefined ? { ...found, directory: directory.replace(/\/+$/, '') } : found,
	);
};

const choose = async (
	projects: readonly Found[],
	usual: EngineSurvey,
	options: InitOptions,
	host: string,
	signal: AbortSignal,
): Promise<Found> => {
	const fitting = projects.filter(
		({ name, directory }) =>
			(options.project === undefined || options.project === name) &&
			(options.directory === undefined || options.directory.replace(/\/+$/, '') === directory),
	);
	const [only] = fitting;
	if (only !== undefined && fitting.length === 1) {
		return only;
	}
	// A project that runs nothing has no containers by which it could be found.
	if (only === undefined && options.directory !== undefined) {
		const name = options.project ?? options.directory.split('/').findLast((part) => part !== '') ?? 'app';
		return {
			name: name.toLowerCase().replace(/[^a-z0-9_-]/g, ''),
			directory: options.directory,
			containers: 0,
			survey: usual,
		};
	}
	const list = projects.map(({ name, directory }) => `${name} in ${directory}`).join(', ');
	if (projects.length === 0 || only === undefined) {
		throw new BackoutError(
			'usage',
			projects.length === 0
				? 'neither a Compose project nor a stack runs there, and no workload of a cluster is found'
				: 'there is no such Compose project, stack or namespace there',
			{
				host,
				next: projects.length === 0 ? 'Name the folder of its Compose file with --directory.' : `There are: ${list}.`,
			},
		);
	}
	if (!interactive()) {
		throw new BackoutError('usage', `there are several deployments: ${list}`, {
			host,
			next: 'Name one with --project.',
		});
	}
	projects.forEach(({ name, directory, containers, isGuess, survey }, index) => {
		const what = survey.deployments === 'stack' ? 'a stack of' : 'in a cluster,';
		print(
			`  ${bold(String(index + 1))}  ${safe(name)}  ${dim(isGuess === true ? `${what} ${containers} services` : `${safe(directory)}, ${containers} containers`)}`,
		);
	});
	const chosen = projects[Number(await askLine('Which one? ', signal)) - 1];
	if (chosen === undefined) {
		throw new BackoutError('cancelled', 'no project was chosen; nothing was written');
	}
	return chosen;
};

const tellFound = (survey: Survey, deployments: EngineSurvey['deployments']): void => {
	const main = mainService(survey);
	const database = databaseService(survey);
	const paths = survey.ports.flatMap(({ port, service, health, metrics }) => [
		...(health === undefined ? [] : [`${service} :${port}${health}`]),
		...(metrics === undefined ? [] : [`${service} :${port}/metrics`]),
	]);
	const rows: readonly (readonly [string, string])[] = [
		[
			deployments === 'stack' ? 'Stack' : deployments === 'namespace' ? 'Namespace' : 'Project',
			survey.hasFolder
				? `${survey.project} in ${survey.directory}`
				: `${survey.project}; its folder ${survey.directory} is inside the tool that manages the stack, not on this host`,
		],
		[
			'Services',
			survey.services
				.map(({ name }) =>
					name === main?.name ? `${name} (${survey.hasFolder ? 'rolled back' : 'the main one'})` : name,
				)
				.join(', '),
		],
		['Endpoints', paths.join(', ') || 'none'],
		['Database', database === undefined ? 'none' : `${database.database} in ${database.service}, as ${database.user}`],
		[
			'Git',
			survey.git === undefined
				? 'no git clone'
				: [survey.git.branch || 'detached', survey.git.upstream].filter(Boolean).join(', follows '),
		],
		['Backups', survey.backups[0]?.folder ?? 'none found'],
	];
	for (const [title, found] of rows) {
		print(`  ${title.padEnd(10)}${safe(found)}`);
	}
	if (!survey.hasFolder) {
		print(
			'  You can watch, stop, start and restart it from here, and choose another image. For everything that needs the Compose files, use that tool.',
		);
		return;
	}
	for (const conflict of survey.conflicts) {
		print(`${glyph('warn')} ${safe(conflict)}`);
	}
};

/**
 * `backout init [HOST]`: surveys a host, and writes a config and a runbook for a Compose project or a stack on it. Changes nothing there (if Docker
 * needs sudo, sudo.sh creates its program), and never overwrites a file here. Throws BackoutError `usage` when it needs more options, or
 * a file exists.
 */
export const init = async (destination: string, options: InitOptions): Promise<number> => {
	const folder = resolve(options.output ?? '.');
	const configFile = join(folder, 'backout.yaml');
	const refuseExisting = (file: string) => {
		if (existsSync(file)) {
			throw new BackoutError('usage', `${file} already exists and is not overwritten`, {
				next: 'Name another folder with --output, or add a target to it by hand.',
			});
		}
	};
	refuseExisting(configFile);

	const aborter = new AbortController();
	const stop = () => aborter.abort(new BackoutError('cancelled', 'stopped by the operator; nothing was written'));
	process.once('SIGINT', stop);
	const { identityFile, knownHosts, sshConfig, jump } = options;
	const absolute = (file: string) => (file.startsWith('~') ? file : resolve(file));
	const ssh = {
		...(identityFile !== undefined && { identityFile: absolute(identityFile) }),
		...(knownHosts !== undefined && { knownHosts: absolute(knownHosts) }),
		...(sshConfig !== undefined && { configFile: absolute(sshConfig) }),
		...(jump !== undefined && { jump }),
	};
	const surveys = await loadEngineSurveys();
	const host = openHost({ host: destination, ssh }, { retryFirst: false, ...(interactive() && { ask: askOperator }) });
	let survey: Survey;
	let engineSurvey: EngineSurvey = surveys[0];
	let sudo = false;
	try {
		await host.ready(aborter.signal);
		sudo = await surveys[0].bySudo(host, aborter.signal);
		if (sudo) {
			setPrograms(host, { sudo });
		}
		const found = await listAll(surveys, host, options, aborter.signal);
		const project = await choose(found, surveys[0], options, host.name, aborter.signal);
		engineSurvey = project.survey;
		print(`Reading ${bold(safe(project.name))} on ${safe(host.name)} …`);
		survey = await engineSurvey.read(host, project, aborter.signal);
	} catch (error) {
		throw aborter.signal.aborted ? aborter.signal.reason : error;
	} finally {
		process.off('SIGINT', stop);
		await host.close();
	}
	tellFound(survey, engineSurvey.deployments);

	// Labels that choose workloads of a namespace: their value says enough.
	const called = survey.project.replace(/\/.*=/, '-');
	const runbookFile = join(folder, `${called.replace(/[^A-Za-z0-9._-]/g, '_')}.yaml`);
	refuseExisting(runbookFile);
	const runbook = engineSurvey.runbook(survey);
	const config = engineSurvey.config({
		name: (options.name ?? called).replace(/[^A-Za-z0-9._-]/g, '-'),
		host: destination,
		directory: survey.directory,
		project: survey.project,
		hasFolder: survey.hasFolder,
		command: survey.command,
		...(sudo && { sudo }),
		runbook: `./${relative(folder, runbookFile)}`,
		...(ssh.identityFile !== undefined && { identityFile: ssh.identityFile }),
		...(ssh.knownHosts !== undefined && { knownHosts: ssh.knownHosts }),
		...(ssh.configFile !== undefined && { sshConfig: ssh.configFile }),
		...(jump !== undefined && { jump }),
	});
	mkdirSync(folder, { recursive: true });
	writeFileSync(runbookFile, runbook, { flag: 'wx' });
	writeFileSync(configFile, config, { flag: 'wx' });
	const checked = checkFile(configFile);
	print();
	print(
		`Wrote ${bold(relative(process.cwd(), configFile) || configFile)} and ${bold(relative(process.cwd(), runbookFile) || runbookFile)}: ${safe(checked.summary)}`,
	);
	const named = options.output === undefined ? '' : ` --config ${relative(process.cwd(), configFile)}`;
	print(`Next: backout${named} doctor, then backout${named}`);
	return 0;
};
