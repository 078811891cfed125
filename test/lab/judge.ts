import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { exec } from './exec.ts';
import { hostEnv } from './layout.ts';
import type { Finding, LabInfo, Verdict } from './types.ts';

interface Container {
	Id: string;
	Image: string;
	RestartCount: number;
	State: { Status: string; StartedAt: string; Health?: { Status: string } };
	Config: { Labels: Record<string, string> };
}

/** How long the engine must stay the same process: longer than a bad commit takes to crash. */
const hold = 2000;

/**
 * Looks at the host directly, with docker, git, psql and HTTP, and says whether the deployment is well: every service runs, the engine
 * is healthy and made from a good commit, the database has its rows, and the clone stands on a good commit. Takes two seconds.
 */
export async function judgeLab(info: LabInfo): Promise<Verdict> {
	const findings: Finding[] = [];
	const add = (name: string, ok: boolean, detail: string) => findings.push({ name, ok, detail });
	const before = await containers(info);
	if (before === null) {
		add('docker', false, 'the engine does not answer');
	} else {
		await delay(hold);
		const after = (await containers(info)) ?? [];
		add('docker', true, `${after.length} containers`);
		for (const service of ['trading-engine', 'ibgateway', 'postgres', 'grafana', 'alertmanager']) {
			findings.push(judgeService(service, find(before, service), find(after, service)));
		}
		const engine = find(after, 'trading-engine');
		const known = engine ? info.goodImages.indexOf(engine.Image) : -1;
		add('image', engine !== undefined, engine ? `${engine.Image.slice(7, 19)}${known < 0 ? '' : ' (kept)'}` : 'none');
	}
	findings.push(await judgeCompose(info), ...(await judgeHealth(info)));
	findings.push(await judgeMetrics(info), await judgeDatabase(info), ...(await judgeGit(info)), await judgeSsh(info));
	return { ok: findings.every((finding) => finding.ok), findings };
}

function find(list: Container[], service: string): Container | undefined {
	return list.find((item) => item.Config.Labels['com.docker.compose.service'] === service);
}

async function containers(info: LabInfo): Promise<Container[] | null> {
	const env = hostEnv(info);
	const label = `label=com.docker.compose.project=${info.project}`;
	const list = await exec(
		'docker',
		['ps', '-aq', '--filter', label, '--filter', 'label=com.docker.compose.oneoff=False'],
		{
			env,
			timeout: 10_000,
		},
	);
	if (list.code !== 0) return null;
	const ids = list.stdout.split('\n').filter(Boolean);
	if (ids.length === 0) return [];
	const { stdout } = await exec('docker', ['inspect', ...ids], { env, timeout: 10_000 });
	return JSON.parse(stdout || '[]') as Container[];
}

function judgeService(name: string, before: Container | undefined, after: Container | undefined): Finding {
	if (!after) return { name, ok: false, detail: 'there is no container' };
	const { Status: status, StartedAt: started, Health: health } = after.State;
	const restarts = after.RestartCount - (before?.Id === after.Id ? before.RestartCount : 0);
	const same = before?.Id === after.Id && before.State.StartedAt === started && restarts === 0;
	const healthy = health === undefined || health.Status === 'healthy';
	const words = [status, health?.Status, `started ${started.slice(0, 19)}Z`, `${after.RestartCount} restarts`];
	if (!same) words.push('restarted while it was looked at');
	return { name, ok: status === 'running' && healthy && same, detail: words.filter(Boolean).join(', ') };
}

async function judgeCompose(info: LabInfo): Promise<Finding> {
	const args = ['compose', 'config', '-q'];
	const { code, stderr } = await exec('docker', args, { cwd: info.directory, env: hostEnv(info), timeout: 20_000 });
	const detail = code === 0 ? 'the Compose file and .env parse' : (stderr.trim().split('\n')[0] ?? '');
	return { name: 'compose', ok: code === 0, detail };
}

async function judgeHealth(info: LabInfo): Promise<Finding[]> {
	const answer = await get(info.ports.health, '/health');
	const findings = [
		{ name: 'health', ok: answer.status === 200, detail: `${answer.status || 'no answer'} ${answer.body}`.trim() },
	];
	let page: { version?: string; gateway?: string } = {};
	try {
		page = JSON.parse(answer.body);
	} catch {
		// It said so above.
	}
	findings.push({ name: 'gateway', ok: page.gateway === 'connected', detail: page.gateway ?? 'unknown' });
	const good = info.goodCommits.some((commit) => commit.version === page.version);
	const bad = info.badCommits.find((commit) => commit.version === page.version);
	const detail = page.version ? `${page.version}${bad ? `: ${bad.subject}` : ''}` : 'unknown';
	findings.push({ name: 'version', ok: good, detail });
	return findings;
}

async function judgeMetrics(info: LabInfo): Promise<Finding> {
	const { body } = await get(info.ports.metrics, '/metrics');
	const time = Number(/^abstractfinance_heartbeat_timestamp_seconds (\S+)$/m.exec(body)?.[1]);
	const age = Date.now() / 1000 - time;
	return { name: 'metrics', ok: age < 3, detail: time ? `heartbeat ${age.toFixed(1)} s ago` : 'no heartbeat' };
}

async function judgeDatabase(info: LabInfo): Promise<Finding> {
	const query = `SELECT (SELECT max(version) FROM schema_migrations) || '|' || (SELECT count(*) FROM orders WHERE broker_id <= 100500)
		|| '|' || (SELECT count(*) FROM positions WHERE quantity <> 0)`;
	const args = ['exec', 'postgres', 'psql', '-X', '-At', '-U', 'postgres', '-d', 'abstractfinance', '-c', query];
	const { code, stdout, stderr } = await exec('docker', args, { env: hostEnv(info), timeout: 10_000 });
	if (code !== 0) return { name: 'database', ok: false, detail: stderr.trim().split('\n')[0] ?? '' };
	const [schema, orders, positions] = stdout.trim().split('|');
	const ok = schema === '3' && orders === '500' && positions === '4';
	return { name: 'database', ok, detail: `schema ${schema}, ${orders} old orders, ${positions} positions` };
}

async function judgeGit(info: LabInfo): Promise<Finding[]> {
	const git = (...args: string[]) => exec('git', args, { cwd: info.directory, env: hostEnv(info) });
	const head = (await git('rev-parse', 'HEAD')).stdout.trim();
	const branch = (await git('symbolic-ref', '-q', '--short', 'HEAD')).stdout.trim();
	const commit = [...info.goodCommits, ...info.badCommits].find((item) => item.hash === head);
	const good = info.goodCommits.some((item) => item.hash === head);
	const changes = (await git('status', '--porcelain')).stdout.trim().split('\n').filter(Boolean);
	const lock = existsSync(`${info.directory}/.git/index.lock`) ? ', index.lock' : '';
	const where = `${head.slice(0, 8)} ${commit?.subject ?? '(a commit of nobody)'}`;
	return [
		{ name: 'commit', ok: good, detail: where },
		// Where HEAD is and what was edited is for the reader to judge: a rollback keeps an edit, and may detach HEAD.
		{ name: 'tree', ok: true, detail: `${branch || 'detached'}, ${changes.join('; ') || 'no local changes'}${lock}` },
	];
}

async function judgeSsh(info: LabInfo): Promise<Finding> {
	const { code, stderr } = await exec('ssh', ['-F', info.sshConfig, '-o', 'ConnectTimeout=5', 'lab', 'true'], {
		timeout: 15_000,
	});
	return { name: 'ssh', ok: code === 0, detail: code === 0 ? 'answers' : (stderr.trim().split('\n').at(-1) ?? '') };
}

async function get(port: number, path: string): Promise<{ status: number; body: string }> {
	try {
		const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(3000) });
		return { status: answer.status, body: (await answer.text()).trim() };
	} catch {
		return { status: 0, body: '' };
	}
}
