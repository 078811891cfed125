import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openOrders } from './broker.ts';
import { composeCommand, services, tryOnHost } from './compose.ts';
import { exec } from './exec.ts';
import { commitsOfImage } from './image-commits.ts';
import { hostEnv, layout } from './layout.ts';
import type { Finding, LabInfo, Verdict } from './types.ts';

interface Container {
	Id: string;
	Image: string;
	RestartCount: number;
	State: { Status: string; StartedAt: string; Health?: { Status: string } };
	Config: { Labels: Record<string, string>; Env: string[] };
	HostConfig: { RestartPolicy: { Name: string } };
}

/** Time for which the engine must stay the same process, ms: longer than a bad commit takes to crash. */
const hold = 2000;

/**
 * Looks at the host directly, with docker, git, psql and HTTP, and says whether the deployment is well: each of the ten services
 * runs, is healthy where it has a health check, comes back by itself, and has its secrets; what is built is of a good commit; the
 * gateway is logged in; the database has its rows; the clone stands on a good commit. Takes two seconds.
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
		for (const service of services) findings.push(judgeService(service, find(before, service), find(after, service)));
		for (const service of ['trading-engine', 'cross-monitor']) {
			findings.push(await judgeImage(info, service, find(after, service)));
		}
		findings.push(judgePolicies(after), judgeSettings(after));
	}
	findings.push(await judgeCompose(info), await judgeUpToDate(info, before ?? []), await judgeHealth(info));
	findings.push(await judgeGateway(info), await judgeMetrics(info), await judgeDatabase(info), judgeOrders(info));
	findings.push(...(await judgeGit(info)), await judgeSsh(info, 'lab'), await judgeSsh(info, 'owner'));
	return { ok: findings.every((finding) => finding.ok), findings };
}

function find(list: Container[], service: string): Container | undefined {
	return list.find((item) => item.Config.Labels['com.docker.compose.service'] === service);
}

async function containers(info: LabInfo): Promise<Container[] | null> {
	const env = hostEnv(info);
	const label = `label=com.docker.compose.project=${info.project}`;
	const args = ['ps', '-aq', '--filter', label, '--filter', 'label=com.docker.compose.oneoff=False'];
	const list = await exec('docker', args, { env, timeout: 10_000 });
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
	// Restarted a moment ago: on a busy machine a crash may take longer than this looks.
	const young = after.RestartCount > 0 && Date.now() - Date.parse(started) < 15_000;
	const same = !young && before?.Id === after.Id && before.State.StartedAt === started && restarts === 0;
	const healthy = health === undefined || health.Status === 'healthy';
	const words = [status, health?.Status, `started ${started.slice(0, 19)}Z`, `${after.RestartCount} restarts`];
	if (!same) words.push(young ? 'restarted just now' : 'restarted while it was looked at');
	return { name, ok: status === 'running' && healthy && same, detail: words.filter(Boolean).join(', ') };
}

async function judgeImage(info: LabInfo, service: string, container: Container | undefined): Promise<Finding> {
	const name = service === 'trading-engine' ? 'image' : 'monitor-image';
	if (!container) return { name, ok: false, detail: 'none' };
	const known = service === 'trading-engine' ? info.goodImages : info.goodMonitors;
	const id = `${container.Image.slice(7, 19)}${known.includes(container.Image) ? ' (kept)' : ''}`;
	const commits = await commitsOfImage(info, container.Id, container.Image);
	const good = commits.some((hash) => info.goodCommits.some((commit) => commit.hash === hash));
	const of = commits.map((hash) => subject(info, hash)).join(', or ');
	return { name, ok: good, detail: `${id}, built of ${of || 'no commit of the history'}` };
}

function subject(info: LabInfo, hash: string): string {
	const commit = [...info.goodCommits, ...info.badCommits].find((item) => item.hash === hash);
	const words = [hash.slice(0, 8), commit?.version, commit?.subject ?? '(a commit of nobody)'];
	return words.filter(Boolean).join(' ');
}

function judgePolicies(list: Container[]): Finding {
	const other = list.filter(({ HostConfig }) => HostConfig.RestartPolicy.Name !== 'always');
	const names = other.map(
		({ Config, HostConfig }) =>
			`${Config.Labels['com.docker.compose.service']} ${HostConfig.RestartPolicy.Name || 'no'}`,
	);
	return { name: 'policies', ok: names.length === 0, detail: names.join(', ') || 'all restart always' };
}

/** Variables that must not be empty in a container, by its service. */
const needed: Record<string, string[]> = {
	ibgateway: ['IB_USERNAME', 'IB_PASSWORD', 'TOTP_KEY'],
	postgres: ['POSTGRES_PASSWORD'],
	'trading-engine': ['DB_PASSWORD', 'TELEGRAM_BOT_TOKEN'],
	grafana: ['GF_SECURITY_ADMIN_PASSWORD'],
};

function judgeSettings(list: Container[]): Finding {
	const empty = Object.entries(needed).flatMap(([service, names]) => {
		const env = find(list, service)?.Config.Env;
		if (!env) return [];
		return names
			.filter((name) => !env.some((line) => line.startsWith(`${name}=`) && line.length > name.length + 1))
			.map((name) => `${service} ${name}`);
	});
	return {
		name: 'settings',
		ok: empty.length === 0,
		detail: empty.length ? `empty: ${empty.join(', ')}` : 'no secret is empty',
	};
}

async function judgeCompose(info: LabInfo): Promise<Finding> {
	const [command, files] = composeCommand(info);
	const { code, stderr } = await tryOnHost(info, command, ...files, 'config', '-q');
	const said = stderr.trim().split('\n')[0] ?? '';
	const unset = [...stderr.matchAll(/The \\?"(\w+)\\?" variable is not set/g)].map(([, name]) => name);
	if (code === 0 && unset.length > 0) return { name: 'compose', ok: false, detail: `not set: ${unset.join(', ')}` };
	return { name: 'compose', ok: code === 0, detail: code === 0 ? 'the Compose files parse' : said };
}

/** Says if the user's `up -d` would change a container: compares Compose's hash of each service with that of its container. */
async function judgeUpToDate(info: LabInfo, list: Container[]): Promise<Finding> {
	const [command, files] = composeCommand(info);
	const { code, stdout } = await tryOnHost(info, command, ...files, 'config', '--hash', '*');
	if (code !== 0) return { name: 'up-to-date', ok: false, detail: 'unknown: the Compose files do not parse' };
	const changed = stdout
		.trim()
		.split('\n')
		.map((line) => line.split(' '))
		.filter(([service = '', hash]) => find(list, service)?.Config.Labels['com.docker.compose.config-hash'] !== hash)
		.map(([service]) => service);
	const detail = changed.length ? `an up would recreate ${changed.join(', ')}` : 'an up would recreate nothing';
	return { name: 'up-to-date', ok: changed.length === 0, detail };
}

async function judgeHealth(info: LabInfo): Promise<Finding> {
	const { status, body } = await get(info.ports.health, '/health');
	return { name: 'health', ok: status === 200, detail: `${status || 'no answer'} ${body}`.trim() };
}

/** A client's handshake, in the gateway's own container. */
const handshake = `
import json, socket
with socket.create_connection(("127.0.0.1", 4000), 2) as gate:
    gate.settimeout(5)
    gate.sendall(json.dumps({"hello": 7777, "readonly": True}).encode() + b"\\n")
    print(json.loads(gate.makefile().readline() or "{}").get("accounts"))
`;

async function judgeGateway(info: LabInfo): Promise<Finding> {
	const args = ['exec', 'ibgateway', 'python', '-S', '-E', '-c', handshake];
	const { code, stdout } = await exec('docker', args, { env: hostEnv(info), timeout: 10_000 });
	const ok = code === 0 && stdout.includes('DU');
	return { name: 'gateway', ok, detail: ok ? `logged in, accounts ${stdout.trim()}` : 'the handshake is not answered' };
}

async function judgeMetrics(info: LabInfo): Promise<Finding> {
	const { body } = await get(info.ports.metrics, '/metrics');
	const count = body.match(/^abstractfinance_/gm)?.length ?? 0;
	return { name: 'metrics', ok: count >= 61, detail: count ? `${count} series` : 'no answer' };
}

async function judgeDatabase(info: LabInfo): Promise<Finding> {
	const query = `SELECT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') || '|' || (SELECT count(*) FROM orders WHERE
		order_id LIKE 'seed-%') || '|' || (SELECT count(*) FROM positions)`;
	const args = ['exec', 'postgres', 'psql', '-X', '-At', '-U', 'postgres', '-d', 'abstractfinance', '-c', query];
	const { code, stdout, stderr } = await exec('docker', args, { env: hostEnv(info), timeout: 10_000 });
	if (code !== 0) return { name: 'database', ok: false, detail: stderr.trim().split('\n')[0] ?? '' };
	const [tables, orders, positions] = stdout.trim().split('|');
	const ok = tables === '7' && orders === '500' && positions === '4';
	return { name: 'database', ok, detail: `${tables} tables, ${orders} old orders, ${positions} positions` };
}

/** Open orders are for the reader to judge: to have some is no fault of the deployment. */
function judgeOrders(info: LabInfo): Finding {
	const orders = openOrders(layout(info.dir));
	const words = orders.map(
		({ order, contract }) => `client ${order.clientId} ${order.action} ${order.totalQuantity} ${contract.symbol}`,
	);
	return {
		name: 'orders',
		ok: true,
		detail: orders.length ? `${orders.length} open: ${words.join('; ')}` : 'none open',
	};
}

async function judgeGit(info: LabInfo): Promise<Finding[]> {
	// Read-only: an index refreshed by root would be root's.
	const env = { ...hostEnv(info), GIT_OPTIONAL_LOCKS: '0' };
	const git = (...args: string[]) => exec('git', args, { cwd: info.directory, env });
	const head = (await git('rev-parse', 'HEAD')).stdout.trim();
	const branch = (await git('symbolic-ref', '-q', '--short', 'HEAD')).stdout.trim();
	const good = info.goodCommits.some((item) => item.hash === head);
	const changes = (await git('status', '--porcelain')).stdout.trim().split('\n').filter(Boolean);
	const lock = existsSync(`${info.directory}/.git/index.lock`) ? ', index.lock' : '';
	return [
		{ name: 'commit', ok: good, detail: subject(info, head) },
		// The position of HEAD and edits are for the reader to judge: a rollback keeps an edit, and may detach HEAD.
		{ name: 'tree', ok: true, detail: `${branch || 'detached'}, ${changes.join('; ') || 'no local changes'}${lock}` },
	];
}

async function judgeSsh(info: LabInfo, login: 'lab' | 'owner'): Promise<Finding> {
	const args = ['-F', info.sshConfig, '-o', 'ConnectTimeout=5', login, 'docker ps -q >/dev/null'];
	const { code, stderr } = await exec('ssh', args, { timeout: 15_000 });
	const name = login === 'lab' ? 'ssh' : 'ssh-owner';
	// Docker itself is judged above.
	const answers = code !== 255;
	return { name, ok: answers, detail: answers ? 'answers' : (stderr.trim().split('\n').at(-1) ?? '') };
}

async function get(port: number, path: string): Promise<{ status: number; body: string }> {
	try {
		const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(3000) });
		return { status: answer.status, body: (await answer.text()).trim() };
	} catch {
		return { status: 0, body: '' };
	}
}
