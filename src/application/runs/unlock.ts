import { BackoutError } from '../../runbook/errors.ts';
import type { LockHolder } from '../../runbook/run.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { giveUpLock } from '../../services/runner/client/unlock.ts';
import { parseOwner } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { assertMayChange, whoami } from './journal.ts';
import { assertConfirmed, type Confirmed } from './run-plan.ts';

/** The holder of a lock on another host. */
export interface HolderElsewhere extends LockHolder {
	readonly node: string;
	/** How long giving up its lock takes, s, since it is looked whether that host still renews it; 0 where it is heard of otherwise. */
	readonly looks: number;
}

const nothing = 'nothing was changed';

/**
 * Returns the run on another host whose lock can be given up: nothing is heard from that host.
 *
 * @param text the id of the run, or the end of it
 *
 * Throws `refused` when no such run has the lock, while its host is heard of, and on a read-only target; and what the engine throws.
 */
export const findLost = async (session: Session, text: string, signal?: AbortSignal): Promise<HolderElsewhere> => {
	const { engine, host, target } = session;
	assertMayChange(session, 'giving up the lock of a run');
	const owner = await engine.lockedElsewhere?.(signal);
	const holder = owner === undefined ? undefined : parseOwner(owner);
	const { node } = holder ?? {};
	if (holder === undefined || node === undefined || !holder.run.endsWith(text)) {
		const found = holder === undefined ? 'no run' : `run ${holder.run}, and not ${text},`;
		throw new BackoutError('refused', `${found} on another host has the lock of ${target.name}`, {
			host: host.name,
			next: `${nothing}; the lock of a run on this host ends with that run: \`backout cancel RUN\``,
		});
	}
	if (holder.isUnheard !== true) {
		throw new BackoutError('refused', `${node} is still heard from, and knows the state of run ${holder.run}`, {
			host: host.name,
			next: `${nothing}; make ${node} the host of this target and attach to the run there. If it has died there, the next run on ${node} takes its place`,
		});
	}
	return { ...holder, node, looks: engine.shell.giveUpLockLooks ?? 0 };
};

/** Gives up the lock of a run on a host that is gone for good. Throws `refused` unless the target's name and a reason were given. */
export const unlock = async (
	session: Session,
	{ run, node }: HolderElsewhere,
	confirmed: Confirmed,
	signal?: AbortSignal,
): Promise<void> => {
	const { engine, host, target } = session;
	const asked = { title: `giving up the lock of run ${run}`, risk: 'destructive', target: target.name } as const;
	assertConfirmed({ ...asked, host: host.name }, confirmed);
	const { environment } = await engine.deployment({ signal });
	const script = engine.shell.giveUpLock ?? '';
	const note = { run, node, at: Date.now(), who: whoami(), reason: maskSecrets(confirmed.reason) };
	await giveUpLock(host, target, { script, environment }, note, signal);
};
