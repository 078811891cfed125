import type { Finding } from '../../runbook/finding.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { EngineLook } from './engine-look.ts';
import { type Facts, factsOf } from './facts.ts';
import { hostFinding } from './host-finding.ts';
import { tools } from './host-script.ts';

/** Above this difference, times of host and client in one journal would mislead its readers, s. */
const skewLimitSeconds = 5;
/** A rebuild and a dump need space; below this a run is likely to stop half-way, KiB. */
const roomFailedKiB = 256 * 1024;
const roomWarnKiB = 2 * 1024 * 1024;

const size = (kib: number): string =>
	kib >= 1024 * 1024 ? `${(kib / 1024 / 1024).toFixed(1)} GiB` : `${Math.round(kib / 1024)} MiB`;

const rooms: Readonly<Record<string, readonly [title: string, fix: string]>> = {
	directory: ["Disk space for the deployment's files", 'Free space: du -xh --max-depth=2 DIRECTORY | sort -h | tail'],
	state: ['Disk space for runs', 'Free space: `backout prune --older-than 30d`'],
};

type Name = Pick<Target, 'name' | 'directory'>;

/**
 * Turns the output of host-script.ts into findings.
 * @param sent when it was requested and when the response was there, by the clock of this machine, in ms since the epoch
 * @param hasFolder false when the directory is inside the tool that manages the deployment, not on the host
 */
export const judgeHost = (
	output: string,
	sent: { readonly asked: number; readonly answered: number },
	target: Name,
	engine: Pick<EngineLook, 'tools' | 'rooms' | 'judge'>,
	hasFolder = true,
): readonly Finding[] => {
	const facts = factsOf(output);
	return [
		hostFinding(
			'host-system',
			'System',
			'ok',
			`${facts.one('system') ?? 'unknown'}, as ${facts.one('user') ?? 'unknown'}`,
		),
		...judgeTools(facts, { ...tools, ...engine.tools }),
		...(hasFolder ? judgeDirectory(facts, target) : []),
		...engine.judge(facts),
		...judgeState(facts, target),
		...facts.all('room').map((line) => judgeRoom(line, target, { ...rooms, ...engine.rooms })),
		...judgeClock(Number(facts.one('clock')), sent),
	];
};

const judgeTools = (facts: Facts, needed: typeof tools): readonly Finding[] => {
	const missing = facts.all('missing');
	return missing.length === 0
		? [hostFinding('tools', 'Programs', 'ok', Object.keys(needed).join(' '))]
		: missing.map((tool) => {
				const name = needed[tool] ?? tool;
				return hostFinding(
					`tool-${tool}`,
					tool,
					'failed',
					'not on the PATH, and in none of the usual places',
					`Install ${name}, e.g. apt-get install ${name}; or set path of this target to its folder`,
				);
			});
};

const judgeDirectory = (facts: Facts, { name, directory }: Name): readonly Finding[] => {
	if (facts.one('no-directory') !== undefined) {
		const found = `${directory} does not exist, or this user cannot read it`;
		return [hostFinding('directory', 'Directory', 'failed', found, `Correct targets.${name}.directory in the config.`)];
	}
	const found = facts.one('directory');
	const writable =
		facts.one('writable') === 'yes'
			? hostFinding('directory', 'Directory', 'ok', `${found}`)
			: hostFinding(
					'directory',
					'Directory',
					'failed',
					`this user cannot write to ${found}`,
					`Connect as its owner, or give this user write access: ls -ld ${directory}`,
				);
	return facts.one('git') === undefined ? [writable] : [writable, judgeGit(facts, directory)];
};

const judgeGit = (facts: Facts, directory: string): Finding => {
	const commit = facts.one('commit');
	const why = facts.one('no-commit');
	if (commit !== undefined) {
		return hostFinding('git', 'Git', 'ok', `${facts.one('git')}, at ${commit}`);
	}
	return /not a git repository/.test(why ?? '')
		? hostFinding(
				'git',
				'Git',
				'warn',
				'not a git clone',
				'Procedures that use commits are not available; the others are. To have them, deploy from a git clone, or connect the folder with the bare repository that deploys it (docs/troubleshooting.md).',
			)
		: hostFinding('git', 'Git', 'failed', why ?? 'no commit', `For the full message: git -C ${directory} log -1`);
};

const judgeState = (facts: Facts, { directory }: Name): readonly Finding[] => {
	const refused = facts.one('no-state');
	if (refused !== undefined) {
		const fix = facts.one('no-state-fix') || 'Set state of this target in the config.';
		return [hostFinding('state', 'Runs', 'failed', refused, fix)];
	}
	const state = facts.one('state') ?? '';
	const owners = [...facts.all('runs-closed'), ...facts.all('runs-owner')].map((said) =>
		hostFinding(
			'runs-owner',
			'Owner of the runs',
			'failed',
			said,
			`Make the owner of the deployment its owner: sudo chown -R "$(stat -c %U:%G ${directory})" ${state}`,
		),
	);
	const holes = hostFinding(
		'output-limit',
		'Output limit',
		'warn',
		`files in ${state} cannot have holes: the whole output of every run is kept, however long`,
		'Install util-linux (fallocate), or set state of this target to a folder on ext4, XFS, Btrfs or tmpfs.',
	);
	return [judgeLock(facts.one('lock'), state), ...owners, ...(facts.one('holes') === 'fail' ? [holes] : [])];
};

const judgeLock = (lock: string | undefined, state: string): Finding => {
	switch (lock) {
		case 'fails':
			return hostFinding(
				'state',
				'Runs',
				'failed',
				`files in ${state} cannot be locked`,
				'Set state of this target to a folder on a local file system.',
			);
		case 'unwritable':
			return hostFinding(
				'state',
				'Runs',
				'failed',
				`nothing can be written to ${state}`,
				`Check it on the host: ls -ld ${state}; df -h ${state}`,
			);
		default:
			return hostFinding('state', 'Runs', 'ok', state === '' ? 'no run yet; the first run creates the folder' : state);
	}
};

const judgeRoom = (line: string, { directory }: Name, known: typeof rooms): Finding => {
	const [what = '', total, free] = line.split(' ');
	const [title, fix] = known[what] ?? [what, ''];
	const left = Number(free);
	const state = left < roomFailedKiB ? 'failed' : left < roomWarnKiB ? 'warn' : 'ok';
	return hostFinding(
		`room-${what}`,
		title,
		state,
		`${size(left)} of ${size(Number(total))} free`,
		state === 'ok' ? undefined : fix.replace('DIRECTORY', directory),
	);
};

/** @param clock the host's time, in whole seconds since the epoch, read between request and response */
const judgeClock = (
	clock: number,
	{ asked, answered }: { readonly asked: number; readonly answered: number },
): readonly Finding[] => {
	if (!Number.isFinite(clock)) {
		return [];
	}
	const early = clock * 1000 + 1000 - asked;
	const late = clock * 1000 - answered;
	const skew = early < 0 ? early : late > 0 ? late : 0;
	const seconds = Math.round(Math.abs(skew) / 1000);
	const isOff = seconds > skewLimitSeconds;
	return [
		hostFinding(
			'clock',
			'Clock',
			isOff ? 'warn' : 'ok',
			seconds === 0 ? 'same as this machine' : `${seconds} s ${skew < 0 ? 'behind' : 'ahead of'} this machine`,
			isOff ? 'Synchronise both clocks: timedatectl set-ntp true' : undefined,
		),
	];
};
