// Runs in a namespace of processes of its own, where it gives the numbers of processes that have ended to others: it prints as JSON which of those
// were ended. Its arguments: the shell of the host, and what happens.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newMark, shellCommand, shellProgram } from '../../src/services/host/shell-program.ts';
import script from '../../src/services/runner/client/follow-run.sh';
import { enterRun } from '../../src/services/runner/client/read-runs.ts';
import { locateState, stateValues } from '../../src/services/runner/host/state-folder.ts';
import { makePrivateFolder, startMaster } from '../../src/services/ssh/openssh/master.ts';
import { cancelRun, startRun } from '../helpers/compose-runner.ts';
import { finish, makeDeployment, step, who } from './fixture.ts';
import { hostWithShell, type Shell } from './shells.ts';

const [shell, what] = process.argv.slice(2) as [Shell, 'cancel' | 'follow' | 'openssh'];
const deployment = makeDeployment();
const host = hostWithShell(shell, deployment);
const strangers: ChildProcess[] = [];

const until = async (holds: () => boolean): Promise<void> => {
	while (!holds()) {
		await delay(20);
	}
};
const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);
/** Starts a process with this number; others may be faster, so it tries again. */
const takeNumber = (pid: number): void => {
	while (!isThere(pid)) {
		writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
		const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
		if (stranger.pid === pid) {
			strangers.push(stranger);
		} else {
			stranger.kill('SIGKILL');
		}
	}
};
/** Takes the numbers of those that have just ended. */
const takeNumbers = (): void => {
	const last = Number(readFileSync('/proc/sys/kernel/ns_last_pid', 'utf8'));
	for (let pid = last; pid > Math.max(last - 40, 2); pid--) {
		takeNumber(pid);
	}
};
const startStep = async (text: string): Promise<string> => {
	const plan = deployment.plan([step('one', text)]);
	return (await startRun(host, { plan, who, reason: '', state: deployment.state, graceSeconds: 4 })).id;
};

const cancel = async (): Promise<void> => {
	// It leaves the group, ignores TERM, and so lets the cancel go on when the group is over.
	const stubborn = `setsid sh -c 'trap "" TERM; echo >ready; while :; do sleep 1; done' &`;
	const id = await startStep(`cut -d ' ' -f 5 /proc/self/stat >group; ${stubborn} sleep 1000`);
	await until(() => existsSync(join(deployment.directory, 'ready')));
	const group = Number(readFileSync(join(deployment.directory, 'group'), 'utf8'));
	const ended = cancelRun(host, deployment.where, id, { who });
	await until(() => !isThere(group));
	// The supervisor looks for what is left five times a second, and has to see the group without processes.
	await delay(1000);
	// A process of the cancel's own may be faster, and is soon over.
	while (strangers.length === 0) {
		takeNumber(group);
		await delay(20);
	}
	await ended;
};

const follow = async (): Promise<void> => {
	const id = await startStep('true');
	await finish(host, deployment.where, id);
	const running = await host.spawn(shellCommand);
	const ended = Promise.withResolvers<void>();
	running.stdout.resume();
	running.stderr.setEncoding('utf8').on('data', (text: string) => {
		if (text.includes('END ')) ended.resolve();
	});
	const values = { ...stateValues(deployment.where), id, from: '1', length: '' };
	running.stdin.write(shellProgram(newMark(), values, [locateState, enterRun, script], { keepInput: true }));
	await ended.promise;
	// Whoever said so ends just then.
	await delay(500);
	takeNumbers();
	running.stdin.end();
	await running.end;
};

const openssh = async (): Promise<void> => {
	const folder = await makePrivateFolder();
	const master = startMaster(folder, ['-F', '/dev/null', '-o', 'ProxyCommand=exit 3', '--', 'nowhere'], process.env);
	await master.ended;
	takeNumbers();
	await master.stop();
};

await { cancel, follow, openssh }[what]();
// Whoever was told to end does so at once.
await delay(200);
const lost = strangers.filter(({ signalCode }) => signalCode !== null).map(({ pid }) => pid);
process.stdout.write(JSON.stringify({ strangers: strangers.length, lost }));
for (const stranger of strangers) {
	stranger.kill('SIGKILL');
}
await host.close();
deployment.remove();
