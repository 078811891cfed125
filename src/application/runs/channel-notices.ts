import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../runbook/errors.ts';
import type { Masked } from '../../runbook/masked.ts';
import {
	endNotice,
	guardNotice,
	isUnverified,
	lockNotice,
	type Notice,
	noticeValues,
	verdictNotice,
	waitNotice,
} from '../../runbook/notice.ts';
import { type Run, waitsFor } from '../../runbook/run.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import {
	type HostNotices,
	noteNotice,
	readRun,
	type UnsentNotice,
	unsentNotices,
} from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { allSecrets, ownSecrets } from './channel-secrets.ts';
import { sendHealthNotices } from './health-notices.ts';
import { whoami } from './journal.ts';

/** Pause before the second attempt, ms. */
const retryMs = 2000;

/** Returns what the host needs to send the notices of a run that starts now; undefined without channels. Missing variables are told. */
export const hostNotices = ({ channels: settings, tell }: Session): HostNotices | undefined => {
	if (settings === undefined) {
		return undefined;
	}
	const secrets: Record<string, Record<string, string>> = {};
	for (const channel of settings.channels) {
		const { values, missing } = ownSecrets(channel);
		secrets[channel.name] = values;
		if (missing.length > 0) {
			tell?.(
				`The channel ${channel.name} cannot be told: ${missing.join(', ')} is not set on this machine, nor in .env beside the config`,
			);
		}
	}
	return { ...settings, secrets };
};

const noticeOf = (run: Run, event: string, lockHeldMs: number): Masked<Notice> | undefined => {
	if (event === 'lock') {
		return run.state === 'running' ? lockNotice(run, lockHeldMs) : undefined;
	}
	if (event === 'guard') {
		return guardNotice(run);
	}
	if (event === 'ended') {
		return endNotice(run, undefined);
	}
	if (event === 'verdict') {
		return verdictNotice(run);
	}
	const waits = waitsFor(run);
	return waits !== undefined && event === `waiting-${waits.number}` ? waitNotice(run, waits) : undefined;
};

const sendOne = async (session: Session, unsent: UnsentNotice, signal: AbortSignal | undefined): Promise<void> => {
	const { host, target, channels } = session;
	const channel = channels?.channels.find(({ name }) => name === unsent.channel);
	const secrets = channel && (await allSecrets(session, channel));
	if (channel === undefined || secrets === undefined) {
		return;
	}
	const run = await readRun(host, target, unsent.run, signal);
	const notice = noticeOf(run, unsent.event, channels?.lockHeldMs ?? 0);
	const by = whoami();
	if (notice === undefined || !(await noteNotice(host, target, unsent, { word: 'claimed', by }, signal))) {
		return;
	}
	// Loaded on demand: got takes time to load.
	const { sendNotice } = await import('../../services/notify/channel.ts');
	const send = () => sendNotice(host, channel, noticeValues(notice), secrets);
	try {
		await send().catch(() => sleep(retryMs).then(send));
	} catch (error) {
		const why = maskSecrets(messageOf(error));
		session.tell?.(`The channel ${channel.name} was not told about run ${unsent.run}: ${why}`);
		await noteNotice(host, target, unsent, { word: 'failed', by, why });
		return;
	}
	const why = unsent.event === 'ended' && isUnverified(run) ? 'not verified yet' : '';
	await noteNotice(host, target, unsent, { word: 'sent', by, why });
};

/**
 * Sends the notices of the newest runs that were due and that nobody has sent: the host has no curl or GNU wget, or its supervisor was
 * killed; and the verdict of a run whose end was told before it was verified. A read-only session sends none. A failure is one line, and nothing else.
 */
export const sendUnsentNotices = async (session: Session, signal?: AbortSignal): Promise<void> => {
	if (session.channels === undefined || session.readOnly) {
		return;
	}
	try {
		const unsent = await unsentNotices(session.host, session.target, signal);
		await Promise.all([...unsent.map((one) => sendOne(session, one, signal)), sendHealthNotices(session, signal)]);
	} catch (error) {
		if (signal?.aborted !== true) {
			session.tell?.(`Notices could not be sent: ${messageOf(error)}`);
		}
	}
};

/** Interval at which an open dashboard looks for notices that were not sent, ms. */
const watchMs = 60_000;

/** Sends such notices when the link is up, and at intervals, until the signal is aborted. */
export const watchUnsentNotices = (session: Session, signal: AbortSignal): void => {
	if (session.channels === undefined || session.readOnly) {
		return;
	}
	const look = () => {
		if (session.host.link.get().status === 'up') {
			void sendUnsentNotices(session, signal);
		}
	};
	session.host.ready(signal).then(look, () => {});
	const timer = setInterval(look, watchMs);
	signal.addEventListener('abort', () => clearInterval(timer), { once: true });
};
