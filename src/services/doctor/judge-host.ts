import type { Finding } from '../../runbook/finding.ts';
import type { Target } from '../../runbook/runbook.ts';
import { tools } from './host-script.ts';

/** Beyond this, times of host and client in one journal mislead whoever reads them. */
const skewLimitSeconds = 5;
/** A rebuild and a dump need room; below this a run is likely to stop half-way. */
const roomFailedKiB = 256 * 1024;
const roomWarnKiB = 2 * 1024 * 1024;

const size = (kib: number): string =>
	kib >= 1024 * 1024 ? `${(kib / 1024 / 1024).toFixed(1)} GiB` : `${Math.round(kib / 1024)} MiB`;

const rooms: Readonly<Record<string, readonly [title: string, fix: string]>> = {
	directory: ["Room for the deployment's files", 'Free some: du -xh --max-depth=2 DIRECTORY | sort -h | tail'],
	docker: [
		'Room for images',
		'Free some: docker builder prune; docker image prune (restore points are pinned by tags and stay).',
	],
	state: ['Room for runs', 'Free some: backout prune --older-than 30d'],
};

/**
 * Turns what host-script.ts printed into findings.
 * @param sent when it was asked and when the answer was there, by the clock of this machine, in ms since the epoch
 * @param hasFolder false: the directory is inside of the tool that manages the deployment, not on the host
 */
export const judgeHost = (
	output: string,
	sent: { readonly asked: number; readonly answered: number },
	target: Pick<Target, 'name' | 'directory'>,
	hasFolder = true,
): readonly Finding[] => {
	const facts = new Map<string, string[]>();
	for (const line of output.split('\n')) {
		const tab = line.indexOf('\t');
		if (tab > 0) {
			const name = line.slice(0, tab);
			facts.set(name, [...(facts.get(name) ?? []), line.slice(tab + 1)]);
		}
	}
	const one = (name: string) => facts.get(name)?.[0];
	const findings: Finding[] = [];
	const add = (id: string, title: string, state: Finding['state'], found: string, fix?: string) =>
		findings.push({ id, where: 'host', title, state, found, ...(fix !== undefined && { fix }) });

	add('host-system', 'System', 'ok', `${one('system') ?? 'unknown'}, as ${one('user') ?? 'unknown'}`);
	const missing = facts.get('missing') ?? [];
	for (const tool of missing) {
		add(
			`tool-${tool}`,
			tool,
			'failed',
			'not installed',
			`Install ${tools[tool] ?? tool}, e.g. apt-get install ${tools[tool] ?? tool}`,
		);
	}
	if (missing.length === 0) {
		add('tools', 'Programs', 'ok', Object.keys(tools).join(' '));
	}

	if (hasFolder && one('no-directory') !== undefined) {
		add(
			'directory',
			'Directory',
			'failed',
			`${target.directory} is not there, or closed to this user`,
			`Correct targets.${target.name}.directory in the config.`,
		);
	} else if (hasFolder) {
		const writable = one('writable') === 'yes';
		add(
			'directory',
			'Directory',
			writable ? 'ok' : 'failed',
			`${one('directory')}${writable ? '' : ' cannot be written by this user'}`,
			writable ? undefined : `Connect as its owner, or let this user write it: ls -ld ${target.directory}`,
		);
		if (one('git') !== undefined) {
			const commit = one('commit');
			const none = /not a git repository/.test(one('no-commit') ?? '');
			add(
				'git',
				'Git',
				commit !== undefined ? 'ok' : none ? 'warn' : 'failed',
				commit !== undefined
					? `${one('git')}, at ${commit}`
					: none
						? 'no git clone'
						: (one('no-commit') ?? 'no commit'),
				commit !== undefined
					? undefined
					: none
						? 'Procedures that go by commits cannot be used; the others can. Deploy from a git clone to have them.'
						: `See it whole: git -C ${target.directory} log -1`,
			);
		}
	}

	if (!missing.includes('docker')) {
		const engine = one('docker');
		const denied = /permission denied/i.test(one('no-docker') ?? '');
		add(
			'docker',
			'Docker',
			engine === undefined ? 'failed' : 'ok',
			engine === undefined ? (one('no-docker') ?? 'no answer') : `engine ${engine}`,
			engine === undefined
				? denied
					? `Let this user use it: sudo usermod -aG docker ${one('user') ?? 'USER'}  (then connect anew)`
					: 'Look at it on the host: systemctl status docker, journalctl -u docker.'
				: undefined,
		);
		const compose = one('compose');
		const two = compose !== undefined && Number.parseInt(compose.replace(/^v/, ''), 10) >= 2;
		add(
			'compose',
			'Compose',
			two ? 'ok' : 'failed',
			compose ?? one('no-compose') ?? 'not there',
			two ? undefined : 'Install the Compose v2 plugin: apt-get install docker-compose-plugin',
		);
	}

	const refused = one('no-state');
	if (refused !== undefined) {
		add('state', 'Runs', 'failed', refused, one('no-state-fix') || 'Set state of this target in the config.');
	} else {
		const lock = one('lock');
		const state = one('state') ?? '';
		const where = state === '' ? 'no run yet; the folder is made at the first' : state;
		if (lock === 'fails') {
			add(
				'state',
				'Runs',
				'failed',
				`files in ${state} cannot be locked`,
				'Set state of this target to a folder on a local file system.',
			);
		} else if (lock === 'unwritable') {
			add(
				'state',
				'Runs',
				'failed',
				`nothing can be written to ${state}`,
				`Look at it on the host: ls -ld ${state}; df -h ${state}`,
			);
		} else {
			add('state', 'Runs', 'ok', where);
		}
		for (const said of [...(facts.get('runs-closed') ?? []), ...(facts.get('runs-owner') ?? [])]) {
			add(
				'runs-owner',
				'Owner of the runs',
				'failed',
				said,
				`Give all of it to the owner of the deployment: sudo chown -R "$(stat -c %U:%G ${target.directory})" ${state}`,
			);
		}
		if (one('holes') === 'fail') {
			add(
				'output-limit',
				'Limit of output',
				'warn',
				`holes cannot be made in files of ${state}: the output of a run is kept whole there, however long`,
				'Install util-linux (fallocate), or set state of this target to a folder on ext4, XFS, Btrfs or tmpfs.',
			);
		}
	}

	for (const line of facts.get('room') ?? []) {
		const [what = '', total, free] = line.split(' ');
		const [title, fix] = rooms[what] ?? [what, ''];
		const left = Number(free);
		const state = left < roomFailedKiB ? 'failed' : left < roomWarnKiB ? 'warn' : 'ok';
		add(
			`room-${what}`,
			title,
			state,
			`${size(left)} of ${size(Number(total))} free`,
			state === 'ok' ? undefined : fix.replace('DIRECTORY', target.directory),
		);
	}

	const clock = Number(one('clock'));
	if (Number.isFinite(clock)) {
		// The host's clock has whole seconds and was read at some time between question and answer.
		const early = clock * 1000 + 1000 - sent.asked;
		const late = clock * 1000 - sent.answered;
		const skew = early < 0 ? early : late > 0 ? late : 0;
		const seconds = Math.round(Math.abs(skew) / 1000);
		const off = seconds > skewLimitSeconds;
		add(
			'clock',
			'Clock',
			off ? 'warn' : 'ok',
			seconds === 0 ? 'as here' : `${seconds} s ${skew < 0 ? 'behind' : 'ahead of'} this machine`,
			off ? 'Let both keep time: timedatectl set-ntp true' : undefined,
		);
	}
	return findings;
};
