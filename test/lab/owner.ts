import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec, must } from './exec.ts';
import { hash, type Layout, ownerHome, shared } from './layout.ts';
import { locked } from './lock.ts';

/** The account that the deployment belongs to. All labs of this machine share it: its home is outside of them. */
export const owner = 'abstractfinance';

/** The group that may use the labs' Docker sockets. */
export const dockerGroup = 'backout-lab';

const users = join(shared, 'labs');
const made = join(shared, 'made-account');

/** Makes the account and its group where they are missing, and notes that this lab uses them. */
export async function makeOwner(at: Layout): Promise<void> {
	await locked(join(shared, 'lock'), async () => {
		mkdirSync(users, { recursive: true });
		writeFileSync(join(users, hash(at.dir)), `${at.dir}\n`);
		if ((await exec('getent', ['group', dockerGroup])).code !== 0) await must('groupadd', ['--system', dockerGroup]);
		if ((await exec('id', ['-u', owner])).code !== 0) {
			writeFileSync(made, '');
			// Not the user id 1000: that is the engine's own inside its image, and owns ./state.
			const args = ['--key', 'UID_MIN=2100', '--home-dir', ownerHome, '--create-home', '--shell', '/bin/bash'];
			await must('useradd', [...args, owner]);
			// sshd refuses an account whose password is locked; with "*" there is only no password.
			await must('usermod', ['-p', '*', owner]);
		}
		await must('usermod', ['-a', '-G', dockerGroup, owner]);
	});
}

/** Notes that this lab needs the account no more; removes it, its home and its group when no lab does. */
export async function releaseOwner(at: Layout): Promise<void> {
	if (!existsSync(shared)) return;
	await locked(join(shared, 'lock'), async () => {
		rmSync(join(users, hash(at.dir)), { force: true });
		if (!existsSync(users) || readdirSync(users).length > 0 || !existsSync(made)) return;
		await exec('userdel', ['--remove', owner]);
		await exec('groupdel', [dockerGroup]);
		rmSync(made, { force: true });
	});
}

/** A program and its arguments, to be run as the owner with its groups, as a login has them. */
export function asOwner(command: string, args: string[]): [string, string[]] {
	return ['setpriv', [`--reuid=${owner}`, `--regid=${owner}`, '--init-groups', '--', command, ...args]];
}

/** Returns the reason why the owner cannot use the lab in its folder, or null when it can: a folder above may be closed to others. */
export async function ownerIsShutOut(at: Layout): Promise<string | null> {
	const { code } = await exec(...asOwner('test', ['-x', at.dir]));
	return code === 0 ? null : `${owner} cannot enter ${at.dir}: a folder above it is closed to others`;
}
