import type { Channel } from '../../../runbook/channels/channel.ts';
import { durationText } from '../../../runbook/duration.ts';
import type { Plan } from '../../../runbook/plan.ts';
import { maskSecrets } from '../../../runbook/secrets.ts';
import { sanitiseText } from '../../../terminal/sanitise.ts';
import { assignments } from '../../host/shell-program.ts';
import noticeRecord from '../host/notice-record.sh';
import noticeSend from '../host/notice-send.sh';
import noticeText from '../host/notice-text.sh';
import notify from '../host/notify.sh';

/** What the host needs in order to send the notices of a run. */
export interface HostNotices {
	readonly channels: readonly Channel[];
	/** Secrets that this machine has: by channel and name. They go to the memory of the supervisor, never into a file. */
	readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
	readonly lockHeldMs: number;
	/** Pauses before further attempts, s. */
	readonly pauses?: readonly number[];
	/** Limit of one attempt, s. */
	readonly limitSeconds?: number;
}

/** Pauses before the second and the third attempt, s. */
const usualPauses = [3, 15];
export const usualLimit = 10;
/** Time for the checks to begin and for the verdict to be saved, s. */
const spareSeconds = 30;
/** Longest part of a notice, characters: Discord takes 2000 in all, PagerDuty 1024. */
const longestPart = 200;

/** POSIX sh: what the supervisor needs to send notices, kept in the run's folder as notify.sh. */
export const noticeSender: string = [noticeRecord, noticeText, noticeSend, notify].join('\n');

/** Returns a text as one short line, secrets masked. */
export const noticePart = (text: string): string => {
	const clean = maskSecrets(sanitiseText(text.replaceAll(/\s+/g, ' ').trim()));
	return clean.length > longestPart ? `${clean.slice(0, longestPart - 1)}…` : clean;
};

/** The variables of a channel that notify.sh and notice-send.sh read. */
export const channelValues = (channel: Channel): Record<string, string> => ({
	channel_name: channel.name,
	channel_events: channel.events.join(' '),
	channel_entities: channel.entities === true ? '1' : '',
	channel_secrets: Object.keys(channel.secrets).join(' '),
	channel_files: Object.entries(channel.secrets)
		.flatMap(([name, source]) => ('file' in source ? [`${name} ${source.file}`] : []))
		.join('\n'),
	channel_url: channel.url,
	channel_headers: channel.headers.join('\n'),
	channel_body: channel.body,
	channel_command: channel.command ?? '',
});

const channelFile = (channel: Channel): string => `${assignments(channelValues(channel))}\n`;

/** Returns the files of a run's folder from which the host sends its notices; none has a secret. */
export const noticeFiles = (plan: Plan, id: string, given: HostNotices): readonly (readonly [string, string])[] => {
	const { checks, settleSeconds, deadlineSeconds } = plan.verification;
	return [
		[
			'notify.values',
			`${assignments({
				notice_target: plan.target,
				notice_host: noticePart(plan.host),
				notice_run: id,
				notice_procedure: plan.procedure,
				notice_title: noticePart(plan.title),
				notify_verify: String(checks.length === 0 ? 0 : Math.ceil(settleSeconds + deadlineSeconds + spareSeconds)),
				notify_lock: String(Math.ceil(given.lockHeldMs / 1000)),
				notify_lock_words: durationText(given.lockHeldMs),
				notify_pauses: (given.pauses ?? usualPauses).join(' '),
				notify_limit: String(given.limitSeconds ?? usualLimit),
			})}\n`,
		],
		['notify.titles', plan.steps.map(({ title }) => `${noticePart(title)}\n`).join('')],
		...given.channels.map((channel, index) => [`notify.${index + 1}`, channelFile(channel)] as const),
		['notify.sh', noticeSender],
		['notify.sending', ''],
		['notify.followed', ''],
		['notices', ''],
	];
};

/** Returns the lines of secrets for the supervisor: CHANNEL NAME VALUE. */
export const secretLines = ({ secrets }: Pick<HostNotices, 'secrets'>): string =>
	Object.entries(secrets)
		.flatMap(([channel, values]) => Object.entries(values).map(([name, value]) => `${channel} ${name} ${value}`))
		.join('\n');
