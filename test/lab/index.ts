import { type BrokerOrder, fourOrders, openOrders, setOrders } from './broker.ts';
import { composeFiles } from './compose.ts';
import { engineAnswers } from './docker-engine.ts';
import { exec } from './exec.ts';
import { type FaultName, faults } from './faults.ts';
import { bringUpGuestbook } from './guestbook.ts';
import { type GoodState, heal } from './heal.ts';
import { missing } from './install.ts';
import { judgeLab } from './judge.ts';
import { hostEnv, labDir, layout, loadInfo, ownerHome, saveInfo } from './layout.ts';
import { locked } from './lock.ts';
import { startWatchdog, stopWatchdog } from './other-server.ts';
import { runningPid } from './processes.ts';
import type { LabInfo, Output, Verdict } from './types.ts';
import { bringUp, freePort, takeDown } from './up.ts';

export type { BrokerOrder } from './broker.ts';
export type { FaultName } from './faults.ts';
export type { GoodState } from './heal.ts';
export type { Finding, LabCommit, LabInfo, Output, ServicePorts, Verdict } from './types.ts';

/** Says if the lab can run on this machine, or runs already; if not, why. Starts nothing. */
export async function labAvailable(): Promise<{ ok: boolean; reason: string }> {
	const reason = await missing();
	return { ok: reason === null, reason: reason ?? '' };
}

/** The lab in its good state: brought up, or healed, as it needs. `say` is told what takes time. */
export function ensureLab(say: (line: string) => void = () => {}): Promise<LabInfo> {
	return exclusive(() => bringUp(labDir(), say));
}

/** Reads the paths of the lab. Throws when it was never brought up. Read them again after a fault: commits are among them. */
export function readLabInfo(): LabInfo {
	const info = loadInfo(labDir());
	if (!info) throw new Error('there is no lab: run `npm run lab -- up`');
	return info;
}

/**
 * Heals the lab if it is not, injects a fault, and waits until it shows. Gives what is known of the lab then. The fault meets the
 * good state that the lab was healed to last: asleep or trading, with .env or `./dc`, on main or at a tag.
 */
export function breakLab(fault: FaultName): Promise<LabInfo> {
	return exclusive(async () => {
		const info = readLabInfo();
		const at = layout(info.dir);
		if (info.fault !== null) await heal(at, info, { secrets: info.secrets, deployed: info.deployed });
		info.fault = fault;
		saveInfo(info);
		await faults[fault].inject(at, info);
		saveInfo(info);
		return info;
	});
}

/** Brings the lab to a good state from any other, by default the one of the first `up`, and waits until it is well. */
export function healLab(wanted: GoodState = {}): Promise<LabInfo> {
	return exclusive(async () => {
		const info = readLabInfo();
		await heal(layout(info.dir), info, wanted);
		return info;
	});
}

/** Every order that is open at the broker, of all clients. */
export function ordersAtBroker(): BrokerOrder[] {
	return openOrders(layout(labDir()));
}

/** Opens four orders of three clients at the broker, whatever else is broken. */
export function openFourOrders(): void {
	setOrders(layout(labDir()), fourOrders);
}

/** Starts or ends the other server's watchdog, which restarts the engine and the gateway when /health fails three times. */
export async function setWatchdog(on: boolean): Promise<void> {
	const at = layout(labDir());
	if (on) startWatchdog(at);
	else await stopWatchdog(at);
}

/** Brings the host's second project to its good state, making it when it is not there. */
export function healGuestbook(): Promise<NonNullable<LabInfo['guestbook']>> {
	return exclusive(() => {
		const info = readLabInfo();
		return bringUpGuestbook(layout(info.dir), info, freePort);
	});
}

/** Says if the deployment is well, from the host's own state. Takes two seconds: the engine must not restart meanwhile. */
export function judge(): Promise<Verdict> {
	return judgeLab(readLabInfo());
}

/** Ends everything that runs of the lab; with `purge` removes its folder's contents too. */
export function stopLab(options: { purge?: boolean } = {}): Promise<void> {
	return exclusive(() => takeDown(labDir(), options.purge ?? false));
}

/** Returns the running parts of the lab. */
export async function labRuns(): Promise<{ docker: boolean; sshd: boolean; jump: boolean }> {
	const at = layout(labDir());
	return {
		docker: await engineAnswers(at),
		sshd: runningPid(at.sshdPid, 'sshd') !== null,
		jump: runningPid(at.jumpPid, 'sshd') !== null,
	};
}

/**
 * Runs a POSIX sh script on the host as root, in the deployed clone, without ssh: to look at, or to prepare, what is there.
 * `git` in it is run as the clone's owner; `compose` is Compose with both files. `args` are its positional parameters. Any exit code is given back.
 */
export function hostExec(script: string, args: string[] = [], timeout = 60_000): Promise<Output> {
	const info = readLabInfo();
	const tools = `compose() { docker compose ${composeFiles(info.deployed)
		.map((name) => `-f ${name}`)
		.join(' ')} "$@"; }
		git() { HOME=${ownerHome} setpriv --reuid=${info.owner} --regid=${info.owner} --init-groups -- git "$@"; }`;
	return exec('sh', ['-c', `${tools}\n${script}`, 'sh', ...args], { cwd: info.directory, env: hostEnv(info), timeout });
}

function exclusive<T>(work: () => Promise<T>): Promise<T> {
	return locked(layout(labDir()).lock, work);
}
