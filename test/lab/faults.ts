import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploy, onHost } from './deployment.ts';
import { stopEngine } from './docker-engine.ts';
import { type Change, pushCommits } from './history.ts';
import { type Layout, saveInfo } from './layout.ts';
import { waitFor } from './processes.ts';
import { startSsh, stopSshd } from './ssh-servers.ts';
import type { LabInfo } from './types.ts';

interface Fault {
	/** What an operator would find. */
	title: string;
	/** Injects it into a lab that is well, and waits until it shows. */
	inject: (at: Layout, info: LabInfo) => Promise<void>;
}

const crash: Change = {
	subject: 'Size positions by target volatility',
	version: '1.10.0',
	author: 'Tomas Reyes',
	hoursAgo: 0,
	edits: [
		{
			file: 'src/sizing.py',
			from: 'nav * instrument["weight"]',
			to: 'nav * instrument["weight"] * 0.1 / instrument["target_vol"]',
		},
	],
};

const afterCrash: Change = {
	subject: 'Round sizes to whole lots',
	version: '1.10.1',
	author: 'Mara Lindqvist',
	hoursAgo: 0,
	edits: [{ file: 'src/sizing.py', from: 'return max(1, int(', to: 'return max(1, round(' }],
};

const noBuild: Change = {
	subject: 'Install pinned requirements in the image',
	version: '1.10.0',
	author: 'Tomas Reyes',
	hoursAgo: 0,
	edits: [{ file: 'Dockerfile', from: 'COPY VERSION ./\n', to: 'COPY VERSION requirements.lock ./\n' }],
};

/** Its migration fails half-way and is noted as done all the same; neither this commit nor the one before can use what it leaves. */
const migration: Change = {
	subject: 'Book positions by account',
	version: '1.10.0',
	author: 'Tomas Reyes',
	hoursAgo: 0,
	edits: [
		{
			file: 'migrations/004_accounts.sql',
			to: `ALTER TABLE nav_history RENAME TO nav;
ALTER TABLE positions ADD COLUMN account text NOT NULL;
INSERT INTO schema_migrations VALUES (4, 'accounts');
`,
		},
		{ file: 'src/settings.py', from: 'SCHEMA_VERSION = 3', to: 'SCHEMA_VERSION = 4' },
		{ file: 'src/store.py', from: 'SELECT symbol, quantity FROM', to: 'SELECT account || symbol, quantity FROM' },
		{
			file: 'src/main.py',
			from: 'self.state.database = "failing"',
			to: 'self.state.database = f"schema is wrong: {str(error).strip().splitlines()[0]}"',
		},
	],
};

const table = {
	'crash-commit': {
		title: 'a new commit was deployed; the engine crashes a second after each start',
		inject: (at, info) => deployBad(at, info, [crash]),
	},
	'two-crash-commits': {
		title: 'two new commits were deployed, both crash: HEAD~1 is bad too',
		inject: (at, info) => deployBad(at, info, [crash, afterCrash]),
	},
	'build-fails-commit': {
		title: 'a new commit was pulled, its image does not build; the old engine still runs',
		inject: async (at, info) => {
			await push(at, info, [noBuild]);
			const built = await deploy(info).then(
				() => true,
				() => false,
			);
			if (built) throw new Error('the commit that must not build was built');
		},
	},
	'migration-failed': {
		title: 'a new commit was deployed, its migration failed half-way: /health says that the schema is wrong',
		inject: async (at, info) => {
			await push(at, info, [migration]);
			await onHost(info, 'git', 'pull', '-q', '--ff-only');
			const psql =
				'docker exec -i postgres psql -X -q -U postgres -d abstractfinance <migrations/004_accounts.sql 2>&1';
			const said = await onHost(info, 'sh', '-c', psql);
			if (!said.includes('contains null values')) throw new Error(`the migration was expected to fail: ${said}`);
			await deploy(info);
			await healthSays(info, 503);
		},
	},
	'gateway-lost': {
		title: 'the gateway has lost its login until it is restarted',
		inject: async (_, info) => {
			await onHost(info, 'docker', 'exec', 'ibgateway', 'touch', '/tmp/lost');
			await healthSays(info, 503);
		},
	},
	'gateway-never': {
		title: 'the gateway does not log in, even after a restart',
		inject: async (_, info) => {
			await onHost(info, 'docker', 'exec', 'ibgateway', 'touch', '/var/lib/ibgateway/never');
			await onHost(info, 'docker', 'restart', '-t', '3', 'ibgateway');
			await healthSays(info, 503);
		},
	},
	'gateway-stopped': {
		title: 'the gateway was stopped by hand',
		inject: async (_, info) => {
			await onHost(info, 'docker', 'compose', 'stop', 'ibgateway');
			await healthSays(info, 503);
		},
	},
	'engine-stopped': {
		title: 'the engine was stopped by hand',
		inject: async (_, info) => {
			await onHost(info, 'docker', 'compose', 'stop', 'trading-engine');
		},
	},
	'env-broken': {
		title: '.env has a wrong value, and the engine was recreated with it: it crashes at each start',
		inject: (_, info) => breakEnvironment(info),
	},
	'env-unreadable': {
		title: '.env does not parse: no compose command works; what runs goes on',
		inject: async (_, info) => appendFileSync(join(info.directory, '.env'), 'SMTP_PASSWORD="never closed\n'),
	},
	'config-broken': {
		title: 'config/instruments.yaml was edited wrongly, and the engine was restarted: it crashes at each start',
		inject: async (_, info) => {
			edit(join(info.directory, 'config/instruments.yaml'), 'weight: 0.20', 'weight: 20%');
			await onHost(info, 'docker', 'compose', 'restart', 'trading-engine');
			await crashLoops(info);
		},
	},
	'local-changes': {
		title: 'a tracked file was edited on the host',
		inject: async (_, info) => edit(join(info.directory, 'config/instruments.yaml'), 'weight: 0.20', 'weight: 0.15'),
	},
	'detached-head': {
		title: 'HEAD of the clone is detached, at the good commit',
		inject: async (_, info) => {
			await onHost(info, 'git', 'checkout', '-q', '--detach', info.goodCommit);
		},
	},
	'index-lock': {
		title: 'a git that died has left its index.lock',
		inject: async (_, info) => writeFileSync(join(info.directory, '.git/index.lock'), ''),
	},
	'merge-unfinished': {
		title: 'a merge in the clone stopped at a conflict',
		inject: async (_, info) => {
			const [before = ''] = info.goodCommits.slice(-2).map(({ hash }) => hash);
			await onHost(info, 'git', 'checkout', '-q', '-b', 'fix', before);
			writeFileSync(join(info.directory, 'VERSION'), '1.9.3\n');
			await onHost(info, 'git', 'commit', '-q', '-a', '-m', 'Fix the version');
			await onHost(info, 'git', 'checkout', '-q', 'main');
			const merged = await onHost(info, 'git', 'merge', 'fix').then(
				() => true,
				() => false,
			);
			if (merged) throw new Error('the merge that must conflict did not');
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
			await onHost(info, 'docker', 'compose', 'stop', 'trading-engine');
			edit(join(info.directory, 'docker-compose.yml'), '    build: .', '     build: .');
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
			await onHost(info, 'docker', 'compose', 'exec', '-T', 'trading-engine', 'sh', '-c', 'kill -USR1 1');
			await healthSays(info, 0);
		},
	},
} satisfies Record<string, Fault>;

/** What can be broken in the lab. */
export type FaultName = keyof typeof table;

/** Every fault by its name. */
export const faults: Readonly<Record<FaultName, Fault>> = table;

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

async function breakEnvironment(info: LabInfo): Promise<void> {
	edit(join(info.directory, '.env'), 'MAX_ORDER_NOTIONAL=250000', 'MAX_ORDER_NOTIONAL=250k');
	await onHost(info, 'docker', 'compose', 'up', '-d', '--no-deps', 'trading-engine');
	await crashLoops(info);
}

async function crashLoops(info: LabInfo): Promise<void> {
	const args = ['inspect', '--format', '{{.RestartCount}}', 'abstractfinance-trading-engine-1'];
	const loops = await waitFor(async () => Number(await onHost(info, 'docker', ...args)) > 0, 20_000);
	if (!loops) throw new Error('the engine was expected to crash and does not');
}

/** Waits until /health answers with a status; 0 means that it gives no answer in a second. */
async function healthSays(info: LabInfo, status: number): Promise<void> {
	const so = await waitFor(async () => {
		try {
			const url = `http://127.0.0.1:${info.ports.health}/health`;
			return (await fetch(url, { signal: AbortSignal.timeout(1000) })).status === status;
		} catch {
			return status === 0;
		}
	}, 20_000);
	if (!so) throw new Error(`/health was expected to answer ${status} and does not`);
}

function edit(file: string, from: string, to: string): void {
	const old = readFileSync(file, 'utf8');
	if (!old.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
	writeFileSync(file, old.replace(from, to));
}
