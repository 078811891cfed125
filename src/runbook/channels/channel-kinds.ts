import type * as z from 'zod';
import { mapping, text, url, z as zod } from '../schema/parts.ts';
import type { Channel } from './channel.ts';

const secret = (what: string) =>
	zod
		.union(
			[
				mapping('secret', {
					env: zod
						.string()
						.regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')
						.describe('A variable of the environment of this machine, or of the file .env beside the config'),
				}),
				mapping('secret', {
					file: zod
						.string()
						.regex(/^\/[^\n\0]+$/, 'expected an absolute path on the host')
						.describe('A file on the host; its first line is the value'),
				}),
			],
			{ error: 'expected a secret: { env: NAME } or { file: /path/on/the/host }' },
		)
		.describe(`${what}: a secret, so it is never written here`);

const webhookUrl = () => secret('The URL of the incoming webhook');

type Parts = Pick<Channel, 'url' | 'headers' | 'body'> & Partial<Pick<Channel, 'entities' | 'command'>>;

interface ChannelKind {
	readonly about: string;
	/** The keys of an entry; those with a mapping as their value are secrets. */
	readonly keys: Readonly<Record<string, z.ZodType>>;
	readonly build: (entry: Readonly<Record<string, unknown>>) => Parts;
}

const json = (url: string, value: object, headers: readonly string[] = []): Parts => ({
	url,
	headers: ['Content-Type: application/json', ...headers],
	// A number or null, not a text.
	body: JSON.stringify(value).replaceAll(/"(#[a-z]+#)"/g, '$1'),
});

const base = (entry: Readonly<Record<string, unknown>>): string => String(entry.url).replace(/\/+$/, '');

const about = {
	target: '@target@',
	host: '@host@',
	run: '@run@',
	procedure: '@procedure@',
	title: '@title@',
	state: '@state@',
};

/** The kinds of channels. */
export const channelKinds: Readonly<Record<string, ChannelKind>> = {
	/** The notice itself, as `notify.webhook` gets it. */
	webhook: {
		about: 'A webhook that gets the notice as JSON',
		keys: { url: webhookUrl() },
		build: () =>
			json('@url@', {
				event: '@event@',
				text: '@text@',
				...about,
				verdict: '#verdict#',
				reason: '@reason@',
				startedAt: '#started#',
				endedAt: '#ended#',
			}),
	},
	/**
	 * `text` is all that an incoming webhook needs; `&`, `<` and `>` in it must be entities, or they are markup
	 * (docs.slack.dev, "Sending messages using incoming webhooks", "Formatting message text").
	 */
	slack: {
		about: 'A channel of Slack, or of what takes its webhooks, such as Mattermost',
		keys: { url: webhookUrl() },
		build: () => ({ ...json('@url@', { text: '@text@' }), entities: true }),
	},
	/**
	 * `content`, at most 2000 characters; with an empty `allowed_mentions.parse` nothing in it mentions anybody
	 * (docs.discord.com, "Webhook resource", "Execute Webhook"; "Message resource", "Allowed Mentions Object").
	 */
	discord: {
		about: 'A channel of Discord',
		keys: { url: webhookUrl() },
		build: () => json('@url@', { content: '@text@', allowed_mentions: { parse: [] } }),
	},
	/**
	 * A message with one Adaptive Card, which webhooks of Workflows take, and incoming webhooks took
	 * (learn.microsoft.com, "Create Incoming Webhooks", "Send Adaptive Cards using an Incoming Webhook").
	 */
	teams: {
		about: 'A channel of Microsoft Teams, by a webhook of Workflows',
		keys: { url: webhookUrl() },
		build: () =>
			json('@url@', {
				type: 'message',
				attachments: [
					{
						contentType: 'application/vnd.microsoft.card.adaptive',
						contentUrl: null,
						content: {
							$schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
							type: 'AdaptiveCard',
							version: '1.2',
							body: [{ type: 'TextBlock', text: '@text@', wrap: true }],
						},
					},
				],
			}),
	},
	/**
	 * JSON is published to the root of the server; whoever knows a topic may read and write it, so it is a secret
	 * (docs.ntfy.sh/publish, "Publish as JSON", "Access tokens").
	 */
	ntfy: {
		about: 'A topic of ntfy',
		keys: {
			url: url().default('https://ntfy.sh').describe('The server'),
			topic: secret('The topic'),
			token: secret('An access token').optional(),
		},
		build: (entry) =>
			json(
				base(entry),
				{ topic: '@topic@', title: 'backout: @target@: @words@', message: '@text@', priority: '#urgency#' },
				entry.token === undefined ? [] : ['Authorization: Bearer @token@'],
			),
	},
	/**
	 * `trigger` opens an alert and `resolve` with the same `dedup_key` closes it; `summary` is at most 1024 characters, and the answer
	 * is 202 (developer.pagerduty.com, "Events API v2", "Send an Alert Event").
	 */
	pagerduty: {
		about: 'A service of PagerDuty, by the Events API v2; a run that succeeds resolves its alert',
		keys: {
			url: url()
				.default('https://events.pagerduty.com')
				.describe('The server; in the EU https://events.eu.pagerduty.com'),
			key: secret('The integration key'),
		},
		build: (entry) =>
			json(`${base(entry)}/v2/enqueue`, {
				routing_key: '@key@',
				event_action: '@action@',
				dedup_key: 'backout/@target@/@run@',
				client: 'backout',
				payload: {
					summary: '@text@',
					source: '@host@',
					severity: '@severity@',
					component: '@target@',
					custom_details: about,
				},
			}),
	},
	/**
	 * `message` is at most 130 characters, `alias` makes one alert of those of a run, and the answer is 202
	 * (docs.opsgenie.com, "Alert API", "Create Alert").
	 */
	opsgenie: {
		about: 'Alerts of Opsgenie',
		keys: {
			url: url().default('https://api.opsgenie.com').describe('The server; in the EU https://api.eu.opsgenie.com'),
			key: secret('The key of an API integration'),
		},
		build: (entry) =>
			json(
				`${base(entry)}/v2/alerts`,
				{
					message: '@short@',
					alias: 'backout/@target@/@run@/@event@',
					description: '@text@',
					source: '@host@',
					entity: '@target@',
					priority: '@priority@',
					tags: ['backout'],
					details: about,
				},
				['Authorization: GenieKey @key@'],
			),
	},
	/**
	 * The token of the bot is part of the path; without `parse_mode` nothing in `text`, at most 4096 characters, is markup
	 * (core.telegram.org/bots/api, "Making requests", "sendMessage").
	 */
	telegram: {
		about: 'A chat of Telegram, by a bot',
		keys: {
			url: url().default('https://api.telegram.org').describe('The server of the Bot API'),
			token: secret("The bot's token"),
			chat: secret('The id of the chat, or @NAME of a channel'),
		},
		build: (entry) =>
			json(`${base(entry)}/bot@token@/sendMessage`, {
				chat_id: '@chat@',
				text: '@text@',
				link_preview_options: { is_disabled: true },
			}),
	},
	/** A message (RFC 5322) for the standard input of a command that sends mail as sendmail does: recipients are in `To`. */
	mail: {
		about: 'Mail, by a command on the host that reads a message from its standard input',
		keys: {
			to: text()
				.regex(/^[^\s<>,@]+@[^\s<>,@]+(?:, ?[^\s<>,@]+@[^\s<>,@]+)*$/, 'expected addresses with commas between them')
				.describe('The recipients, with commas between them'),
			command: text().default('sendmail -t -i').describe('A POSIX sh command'),
		},
		build: ({ to, command }) => ({
			url: '',
			headers: [],
			body: [
				`To: ${to}`,
				'Subject: backout: @target@: @words@',
				'MIME-Version: 1.0',
				'Content-Type: text/plain; charset=utf-8',
				'Content-Transfer-Encoding: 8bit',
				'Auto-Submitted: auto-generated',
				'',
				'@text@',
				'',
				'Run: @run@',
				'Host: @host@',
				'',
			].join('\n'),
			command: String(command),
		}),
	},
};
