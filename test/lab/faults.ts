import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterCrash, badRelease, crash, crashInRun, monitorCrash, noBuild, portTaken } from './bad-commits.ts';
import { fourOrders, setBroker, setOrders } from './broker.ts';
import { compose, onHost } from './compose.ts';
import { backUp, deploy } from './deployment.ts';
import { stopEngine } from './docker-engine.ts';
import { heal, setClock } from './heal.ts';
import { type Change, pushCommits } from './history.ts';
import { type Layout, saveInfo } from './layout.ts';
import { startSsh, stopSshd } from './ssh-servers.ts';
import { crashLoops, edit, healthSays, logSays } from './symptoms.ts';
import type { LabInfo } from './types.ts';

interface Fault {
	/** The operator's view of it. */
	title: string;
	/** Injects it into a lab that is well, and waits until it shows. */
	inject: (at: Layout, info: LabInfo) => Promise<void>;
}

const table = {
	'crash-commit': {
		title: 'a new commit was deployed; the engine crashes at each start',
		inject: (at, info) => deployBad(at, info, [crash]),
	},
	'two-crash-commits': {
		title: 'two new commits were deployed, both crash: HEAD~1 is bad too',
		inject: (at, info) => deployBad(at, info, [crash, afterCrash]),
	},
	'crash-in-run': {
		title: 'a new commit was deployed; each run ends in an error, while the engine stays up and /health is 200',
		inject: async (at, info) => {
			setClock(at, 'trading');
			await push(at, info, [crashInRun]);
			await deploy(info);
			await logSays(info, 'trading-engine', 'Error in scheduler loop');
		},
	},
	'build-fails-commit': {
		title: 'a new commit was pulled, its image does not build; the old engine still runs',
		inject: async (at, info) => {
			await push(at, info, [noBuild]);
			await mustFail(deploy(info), 'the commit that must not build was built');
		},
	},
	'half-recreated': {
		title:
			'a new commit publishes a port that is taken: the deployment stopped half-way, the engine was created and does not start',
		inject: async (at, info) => {
			await push(at, info, [portTaken(info)]);
			await mustFail(deploy(info), 'the port that must be taken is free');
		},
	},
	'override-broken': {
		title: 'a new commit was deployed; cross-monitor, which only the second Compose file knows, crashes at each start',
		inject: async (at, info) => {
			await push(at, info, [monitorCrash]);
			await deploy(info);
			await crashLoops(info, 'cross-monitor');
		},
	},
	'detached-tag': {
		title: 'release v2.1.0 was deployed by its tag, with HEAD detached: it crashes, and so does the commit before it',
		inject: async (at, info) => {
			if (info.deployed !== 'tag') await heal(at, info, { secrets: info.secrets, deployed: 'tag' });
			info.fault = 'detached-tag';
			await push(at, info, badRelease);
			await deploy(info, 'v2.1.0');
			await crashLoops(info);
		},
	},
	'table-dropped': {
		title: 'a table of the database was dropped, and the newest backup was made after that',
		inject: async (_, info) => {
			const sql = ['psql', '-X', '-q', '-U', 'postgres', '-d', 'abstractfinance', '-c', 'DROP TABLE positions'];
			await onHost(info, 'docker', 'exec', 'postgres', ...sql);
			await backUp(info);
		},
	},
	'gateway-lost': {
		title: 'the gateway has lost its login until it is restarted; its port still takes connections',
		inject: async (_, info) => {
			await onHost(info, 'docker', 'exec', 'ibgateway', 'touch', '/tmp/lost');
			await logSays(info, 'ibgateway', 'no longer running');
		},
	},
	'gateway-never': {
		title: 'the gateway does not log in, even after a restart',
		inject: async (at, info) => {
			setBroker(at, { login: 'never' });
			await restartGateway(info, 'welcome: 0%');
		},
	},
	'gateway-stopped': {
		title: 'the gateway was stopped by hand',
		inject: async (_, info) => void (await compose(info, 'stop', 'ibgateway')),
	},
	'wrong-password': {
		title: "the gateway was recreated with a wrong password: the login is refused, and it doesn't try again",
		inject: async (_, info) => {
			edit(settingsFile(info), /^IBKR_PASSWORD=.*$/m, 'IBKR_PASSWORD=hunter2');
			await compose(info, 'up', '-d', '--no-deps', 'ibgateway');
			await logSays(info, 'ibgateway', 'entering infinit sleep');
		},
	},
	'two-factor': {
		title: 'the gateway was restarted and waits for two-factor authentication',
		inject: async (at, info) => {
			setBroker(at, { login: 'two-factor' });
			await restartGateway(info, 'waiting for two-factor authentication');
		},
	},
	'session-kicked': {
		title: 'another session was there when the gateway was restarted; it is kicked out, and the login goes through',
		inject: async (at, info) => {
			setBroker(at, { login: 'session' });
			await restartGateway(info, 'existing session detected');
		},
	},
	'client-id-in-use': {
		title: "somebody else is connected with the client ids 1 and 99, the engine's and its probe's",
		inject: async (at) => setBroker(at, { held: [1, 99] }),
	},
	'session-lost': {
		title: 'the gateway loses all sessions, once, when it is asked to cancel all orders',
		inject: async (at) => setBroker(at, { lost_sessions: 1 }),
	},
	'orders-open': {
		title: 'four orders of three clients are open at the broker',
		inject: async (at) => setOrders(at, fourOrders),
	},
	'engine-stopped': {
		title: 'the engine was stopped by hand',
		inject: async (_, info) => void (await compose(info, 'stop', '-t', '3', 'trading-engine')),
	},
	'env-broken': {
		title: '.env has a wrong value, and the engine was recreated with it: it crashes at each start',
		inject: (_, info) => breakEnvironment(info),
	},
	'env-typo': {
		title:
			"a key of .env is misspelt: the gateway was recreated with an empty password, and only Compose's warning said so",
		inject: async (_, info) => {
			edit(settingsFile(info), 'IBKR_PASSWORD=', 'IBKR_PASWORD=');
			await compose(info, 'up', '-d');
			await logSays(info, 'ibgateway', 'entering infinit sleep');
		},
	},
	'env-unreadable': {
		title: '.env does not parse: no compose command works; what runs goes on',
		inject: async (_, info) => appendFileSync(settingsFile(info), 'SMTP_PASSWORD="never closed\n'),
	},
	'config-broken': {
		title: 'config/settings.yaml was edited wrongly, and the engine was restarted: it crashes at each start',
		inject: async (_, info) => {
			edit(join(info.directory, 'config/settings.yaml'), 'hour_utc: 15', 'hour_utc: 15h');
			await onHost(info, 'docker', 'restart', '-t', '3', 'trading-engine');
			await crashLoops(info);
		},
	},
	'local-changes': {
		title: 'a tracked file was edited on the host',
		inject: async (_, info) => edit(join(info.directory, 'config/instruments.yaml'), 'weight: 0.20', 'weight: 0.15'),
	},
	'detached-head': {
		title: 'HEAD of the clone is detached, at the good commit',
		inject: async (_, info) => void (await onHost(info, 'git', 'checkout', '-q', '--detach', info.goodCommit)),
	},
	'index-lock': {
		title: 'a git that died has left its index.lock',
		inject: async (_, info) => void (await onHost(info, 'touch', '.git/index.lock')),
	},
	'merge-unfinished': {
		title: 'a merge in the clone stopped at a conflict',
		inject: async (_, info) => {
			const [before = ''] = info.goodCommits.slice(-2).map(({ hash }) => hash);
			await onHost(info, 'git', 'checkout', '-q', '-b', 'fix', before);
			edit(join(info.directory, 'src/sizing.py'), '25_000', '30_000');
			await onHost(info, 'git', 'commit', '-q', '-a', '-m', 'Size by thirty thousand a lot');
			await onHost(info, 'git', 'checkout', '-q', 'main');
			await mustFail(onHost(info, 'git', 'merge', 'fix'), 'the merge that must conflict did not');
		},
	},
	'origin-unreachable': {
		title: 'a new commit was deployed and crashes; the repository it came from cannot be reached',
		inject: async (at, info) => {
			await deployBad(at, info, [crash]);
			await onHost(info, 'git', 'remote', 'set-url', 'origin', `${info.origin}.gone`);
		},
	},
	'origin-moved': {
		title: 'a new commit was deployed and crashes; the origin has another one since',
		inject: async (at, info) => {
			await deployBad(at, info, [crash]);
			info.badCommits = [...info.badCommits, ...(await pushCommits(at, info, [afterCrash]))];
			saveInfo(info);
		},
	},
	'env-backup-empty': {
		title: '.env has a wrong value, the engine crashes at each start, and .env.backup is empty',
		inject: async (_, info) => {
			await breakEnvironment(info);
			writeFileSync(join(info.directory, '.env.backup'), '');
		},
	},
	'compose-broken': {
		title: 'docker-compose.yml was edited wrongly and does not parse; the engine was stopped',
		inject: async (_, info) => {
			await compose(info, 'stop', '-t', '3', 'trading-engine');
			edit(join(info.directory, 'docker-compose.yml'), '    build:\n', '     build:\n');
		},
	},
	'host-key-changed': {
		title: 'sshd has another host key than is known',
		inject: async (at, info) => {
			await stopSshd(at);
			await startSsh(at, info, true);
		},
	},
	'sshd-stopped': { title: 'sshd does not run; its sessions were ended', inject: (at) => stopSshd(at) },
	'dockerd-stopped': { title: 'the Docker engine does not run, and no container', inject: (at) => stopEngine(at) },
	'health-hangs': {
		title: '/health and /metrics accept connections and never answer',
		inject: async (_, info) => {
			await onHost(info, 'docker', 'exec', 'trading-engine', 'sh', '-c', 'kill -USR1 1');
			await healthSays(info, 0);
		},
	},
} satisfies Record<string, Fault>;

/** The faults of the lab. */
export type FaultName = keyof typeof table;

/** Every fault by its name. */
export const faults: Readonly<Record<FaultName, Fault>> = table;

/** The file that the settings come from, with `./dc` the template. */
const settingsFile = (info: LabInfo): string => join(info.directory, info.secrets === 'dc' ? '.env.template' : '.env');

async function push(at: Layout, info: LabInfo, changes: Change[]): Promise<void> {
	info.badCommits = await pushCommits(at, info, changes);
	info.badCommit = info.badCommits.at(-1)?.hash ?? null;
	saveInfo(info);
}

async function deployBad(at: Layout, info: LabInfo, changes: Change[]): Promise<void> {
	await push(at, info, changes);
	await deploy(info);
	await crashLoops(info);
}

async function mustFail(work: Promise<unknown>, otherwise: string): Promise<void> {
	const done = await work.then(
		() => true,
		() => false,
	);
	if (done) throw new Error(otherwise);
}

async function breakEnvironment(info: LabInfo): Promise<void> {
	edit(settingsFile(info), 'MODE=paper', 'MODE=papre');
	await compose(info, 'up', '-d', '--no-deps', 'trading-engine');
	await crashLoops(info);
}

async function restartGateway(info: LabInfo, until: string): Promise<void> {
	await onHost(info, 'docker', 'restart', '-t', '3', 'ibgateway');
	await logSays(info, 'ibgateway', until);
}
