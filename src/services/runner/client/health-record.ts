import type { Channel, NoticeValues } from '../../../runbook/channels/channel.ts';
import type { Masked } from '../../../runbook/masked.ts';
import type { Operator } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import noticeRecord from '../host/notice-record.sh';
import noticeSend from '../host/notice-send.sh';
import noticeText from '../host/notice-text.sh';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import noteScript from './note-health.sh';
import { channelValues, noticePart, secretLines, usualLimit } from './notice-files.ts';
import tellScript from './tell-health.sh';

/** What an observer has seen of a deployment, outside of runs. */
export interface SeenHealth {
	readonly state: 'well' | 'unwell';
	/** Why; it is masked and shortened. */
	readonly reason: string;
	/** End of a run whose notices have told that the deployment is unwell, ms by the host's clock. */
	readonly toldAt?: number | undefined;
}

/** The newest record, and the channels that still have to be told about it. */
export interface HealthRecord {
	/** True: a run has the lock, and nothing was recorded. */
	readonly isBusy: boolean;
	/** ms by the host's clock. */
	readonly at: number;
	readonly reason: string;
	/** `unhealthy-MS` or `healthy-MS`; undefined: there is nothing to tell. */
	readonly event?: string;
	/** Names of the channels. */
	readonly open: readonly string[];
}

const senderOf = ({ user, machine }: Operator): string => `${user}@${machine}`.replaceAll(/\s+/g, '_');

/**
 * Reads what was last recorded about the health of the deployment, and which of these channels do not know it yet.
 *
 * @param seen recorded first, if it is another state than the recorded one; of several observers only one records a change
 */
export const noteHealth = async (
	host: Host,
	options: StateOptions,
	{
		seen,
		by,
		wanted,
		signal,
	}: {
		readonly seen?: SeenHealth | undefined;
		readonly by: Operator;
		readonly wanted: readonly string[];
		readonly signal?: AbortSignal | undefined;
	},
): Promise<HealthRecord> => {
	assertWritable(host, 'recording that the deployment is healthy or not');
	const { stdout } = await runScript(host, noteScript, {
		purpose: 'record whether the deployment is healthy',
		prelude: [locateState, createState, noticeRecord],
		variables: {
			...stateValues(options),
			seen: seen?.state ?? '',
			told: seen?.toldAt === undefined ? '' : String(Math.round(seen.toldAt)),
			reason: noticePart(seen?.reason ?? ''),
			sender: senderOf(by),
			wanted: wanted.join(' '),
		},
		signal,
	});
	const lines = stdout.split('\n');
	const [, at = '0', reason = ''] = /^is \w+ (\d+) \S+ ?(.*)$/m.exec(stdout) ?? [];
	const open = lines.flatMap((line) => {
		const [, event = '', channel = ''] = /^open ((?:un)?healthy-\d+) (\S+)$/.exec(line) ?? [];
		return event === '' ? [] : [{ event, channel }];
	});
	const [first] = open;
	return {
		isBusy: lines[0] === 'busy',
		at: Number(at),
		reason,
		open: open.map(({ channel }) => channel),
		...(first !== undefined && { event: first.event }),
	};
};

/** The notice of one channel. */
export interface HealthToTell {
	readonly event: string;
	readonly channel: Channel;
	readonly by: Operator;
}

/**
 * Claims a notice and sends it from the host. `taken`: somebody else sends it. `failed`: the host cannot, so the caller has to, and then to
 * record what became of it by `recordHealthTold`.
 *
 * @param secrets those that this machine has, by name
 */
export const tellHealthFromHost = async (
	host: Host,
	options: StateOptions,
	{ event, channel, by }: HealthToTell,
	{
		notice,
		secrets,
		signal,
	}: {
		readonly notice: Masked<NoticeValues>;
		readonly secrets: Readonly<Record<string, string>>;
		readonly signal?: AbortSignal | undefined;
	},
): Promise<'sent' | 'taken' | 'failed'> => {
	assertWritable(host, `telling the channel ${channel.name}`);
	const values = Object.entries(notice).map(([name, value]) => [`notice_${name}`, String(value)] as const);
	const { stdout } = await runScript(host, tellScript, {
		purpose: `tell the channel ${channel.name}`,
		prelude: [locateState, noticeRecord, noticeText, noticeSend],
		variables: {
			...stateValues(options),
			...Object.fromEntries(values),
			...channelValues(channel),
			...{ event, word: '', why: '', sender: senderOf(by) },
			notify_secrets: secretLines({ secrets: { [channel.name]: secrets } }),
			notify_limit: String(usualLimit),
		},
		signal,
		timeoutMs: 30_000,
	});
	const [word] = stdout.trim().split(' ');
	return word === 'sent' || word === 'taken' ? word : 'failed';
};

/** Records what became of a notice that this machine sent. @param why the reason of a failure; without secrets */
export const recordHealthTold = async (
	host: Host,
	options: StateOptions,
	{ event, channel, by }: HealthToTell,
	{ word, why = '' }: { readonly word: 'sent' | 'failed'; readonly why?: string },
): Promise<void> => {
	assertWritable(host, `recording that the channel ${channel.name} was told`);
	await runScript(host, tellScript, {
		purpose: `record that the channel ${channel.name} was told`,
		prelude: [locateState, noticeRecord],
		variables: {
			...stateValues(options),
			...{ event, channel_name: channel.name, word, why: noticePart(why), sender: senderOf(by) },
		},
	});
};
