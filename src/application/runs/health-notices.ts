import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../runbook/errors.ts';
import { healthNotice, noticeValues } from '../../runbook/notice.ts';
import type { RunSummary } from '../../runbook/run.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import {
	type HealthRecord,
	noteHealth,
	recordHealthTold,
	type SeenHealth,
	tellHealthFromHost,
} from '../../services/runner/client/health-record.ts';
import type { Session } from '../fleet/session.ts';
import { stopsOnPurpose } from '../watching/stops-on-purpose.ts';
import { allSecrets, ownSecrets } from './channel-secrets.ts';
import { listJournal, whoami } from './journal.ts';

/** Pause before the second attempt, ms. */
const retryMs = 2000;
/** How long a run may be without a verdict before failing checks are no longer its own affair, ms. */
const verdictMs = 3_600_000;

/** The part that the newest changing run has in checks that fail now. */
export type RunBehind =
	/** It goes on, is about to be verified, or has stopped the deployment on purpose. */
	| { readonly kind: 'its-own' }
	/** It ended with checks or a step that failed, and its notices said so. */
	| { readonly kind: 'told'; readonly at: number }
	| { readonly kind: 'none' };

/** Says what the runs of the journal, the newest first, have to do with checks that fail. @param now ms by the host's clock */
export const runBehind = (
	runs: readonly RunSummary[],
	{
		readOnly,
		stops,
		now,
	}: { readonly readOnly: ReadonlySet<string>; readonly stops: ReadonlySet<string>; readonly now: number },
): RunBehind => {
	const changing = runs.filter(({ procedure }) => !readOnly.has(procedure));
	const [newest] = changing;
	if (newest === undefined) {
		return { kind: 'none' };
	}
	const { state, procedure, verdict, unchecked, guard, endedAt, startedAt } = newest;
	if (changing.some((run) => run.state === 'running')) {
		return { kind: 'its-own' };
	}
	if (state !== 'succeeded') {
		return { kind: 'told', at: endedAt ?? startedAt };
	}
	const awaitsVerdict = verdict === undefined && unchecked !== true && guard !== true;
	if (stops.has(procedure) || (awaitsVerdict && now - (endedAt ?? startedAt) < verdictMs)) {
		return { kind: 'its-own' };
	}
	return verdict === 'failed' ? { kind: 'told', at: endedAt ?? startedAt } : { kind: 'none' };
};

const wantedChannels = ({ channels, readOnly }: Session) =>
	readOnly ? [] : (channels?.channels.filter(({ events }) => events.includes('unhealthy')) ?? []);

/** Tells one channel: from the host, or else from this machine, except mail, which only the host sends. */
const tellOne = async (
	session: Session,
	{ event, at, reason }: HealthRecord & { readonly event: string },
	name: string,
	signal?: AbortSignal,
): Promise<void> => {
	const { host, target } = session;
	const channel = session.channels?.channels.find((one) => one.name === name);
	if (channel === undefined) {
		return;
	}
	const healthy = event.startsWith('healthy');
	const notice = noticeValues(
		healthNotice({ target: target.name, host: host.name }, { healthy, reason: healthy ? '' : reason, at }),
	);
	const telling = { event, channel, by: whoami() };
	const sent = await tellHealthFromHost(host, target, telling, {
		notice,
		secrets: ownSecrets(channel).values,
		signal,
	});
	if (sent !== 'failed') {
		return;
	}
	const secrets = await allSecrets(session, channel);
	if (secrets === undefined || channel.command !== undefined) {
		await recordHealthTold(host, target, telling, { word: 'failed' });
		return;
	}
	// Loaded on demand: got takes time to load.
	const { sendNotice } = await import('../../services/notify/channel.ts');
	const send = () => sendNotice(host, channel, notice, secrets);
	try {
		await send().catch(() => sleep(retryMs).then(send));
	} catch (error) {
		const why = maskSecrets(messageOf(error));
		session.tell?.(`The channel ${channel.name} was not told that ${target.name} changed its health: ${why}`);
		await recordHealthTold(host, target, telling, { word: 'failed', why });
		return;
	}
	await recordHealthTold(host, target, telling, { word: 'sent' });
};

const tellAll = async (session: Session, record: HealthRecord, signal?: AbortSignal): Promise<void> => {
	const { event, open } = record;
	if (event !== undefined) {
		await Promise.all(open.map((name) => tellOne(session, { ...record, event }, name, signal)));
	}
};

/** Sends what channels do not know yet of the health that was last recorded. Throws what `runScript` throws. */
export const sendHealthNotices = async (session: Session, signal?: AbortSignal): Promise<void> => {
	const wanted = wantedChannels(session).map(({ name }) => name);
	if (wanted.length > 0) {
		const { host, target } = session;
		await tellAll(session, await noteHealth(host, target, { by: whoami(), wanted, signal }), signal);
	}
};

/** `noted`: recorded, whether or not it was news. `not-now`: a run has to do with it. `off`: no channel wants to know. */
export type Noted = 'noted' | 'not-now' | 'off' | 'failed';

/**
 * Records on the host that checks pass or fail while no run has to do with it, and tells the channels if that is news. Never throws; a
 * failure is one line.
 */
export const reportHealth = async (
	session: Session,
	{ state, reason }: Pick<SeenHealth, 'state' | 'reason'>,
	signal?: AbortSignal,
): Promise<Noted> => {
	const wanted = wantedChannels(session).map(({ name }) => name);
	if (wanted.length === 0) {
		return 'off';
	}
	const { host, target, engine } = session;
	try {
		const behind = runBehind(await listJournal(session, signal), {
			readOnly: new Set(target.runbook.procedures.filter(({ risk }) => risk === 'read-only').map(({ id }) => id)),
			stops: stopsOnPurpose(target.runbook),
			now: engine.clock.now(),
		});
		if (behind.kind === 'its-own') {
			return 'not-now';
		}
		const seen: SeenHealth = { state, reason, ...(behind.kind === 'told' && { toldAt: behind.at }) };
		const record = await noteHealth(host, target, { seen, by: whoami(), wanted, signal });
		if (record.isBusy) {
			return 'not-now';
		}
		await tellAll(session, record, signal);
		return 'noted';
	} catch (error) {
		if (signal?.aborted !== true) {
			session.tell?.(`The health of ${target.name} could not be reported to the channels: ${messageOf(error)}`);
		}
		return 'failed';
	}
};
