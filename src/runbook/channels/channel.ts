/** The events of a run about which a channel can be told. */
export const noticeEvents = ['ended', 'waiting', 'lock', 'guard', 'unhealthy'] as const;
export type ChannelEvent = (typeof noticeEvents)[number];

/** Where a secret comes from: a variable of the client's environment (or of .env beside the config), or a file on the host. */
export type SecretSource = { readonly env: string } | { readonly file: string };

/**
 * A channel after loading. Its texts are templates: `@name@` stands for a value of the notice or for a secret, and in `body`, which is
 * JSON, for the inside of a JSON string; `#name#` is a number, null or a complete JSON string that the program made. notify.sh fills in
 * the same templates on the host.
 */
export interface Channel {
	readonly name: string;
	readonly kind: string;
	readonly events: readonly ChannelEvent[];
	readonly secrets: Readonly<Record<string, SecretSource>>;
	/** Empty for mail. */
	readonly url: string;
	readonly headers: readonly string[];
	readonly body: string;
	/** True: `&`, `<` and `>` in texts are written as entities. */
	readonly entities?: true;
	/** POSIX sh, run on the host with the body as its standard input; in place of a request. */
	readonly command?: string;
}

/** The values of a notice, by their names in templates. */
export interface NoticeValues {
	/** The whole notice in one line. */
	readonly text: string;
	/** The same, at most 130 bytes. */
	readonly short: string;
	readonly event: ChannelEvent;
	/** The event in words, ASCII: `failed`. */
	readonly words: string;
	readonly target: string;
	readonly host: string;
	readonly run: string;
	readonly procedure: string;
	readonly title: string;
	readonly state: string;
	readonly reason: string;
	/** PagerDuty's event action and severity, Opsgenie's and ntfy's priority. */
	readonly action: 'trigger' | 'resolve';
	readonly severity: 'error' | 'warning' | 'info';
	readonly priority: 'P2' | 'P3' | 'P5';
	readonly urgency: '3' | '4';
	/** JSON. */
	readonly verdict: string;
	readonly started: string;
	readonly ended: string;
}

/** The kinds of secrets that templates name. */
export const secretNames = ['url', 'key', 'token', 'topic', 'chat'] as const;

const entity = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Fills in a template. Values in JSON are escaped; elsewhere they stay as they are, and a value with a line end throws a RangeError. */
export const fillTemplate = (
	template: string,
	values: Readonly<Record<string, string>>,
	{ json = false, entities = false }: { readonly json?: boolean; readonly entities?: boolean } = {},
): string =>
	template.replaceAll(/([@#])([a-z]+)\1/g, (_, sign: string, name: string) => {
		const value = values[name] ?? '';
		if (sign === '#') {
			return value;
		}
		const isSecret = (secretNames as readonly string[]).includes(name);
		const text = entities && !isSecret ? entity(value) : value;
		if (json) {
			return JSON.stringify(text).slice(1, -1);
		}
		if (/[\r\n\0]/.test(text)) {
			throw new RangeError(`${name} has several lines`);
		}
		return text;
	});

/** What the host and this machine agree on: how urgent a notice is in the words of each service. */
export const urgencyOf = (
	event: ChannelEvent,
	state: string,
	verdict: string | undefined,
): Pick<NoticeValues, 'action' | 'severity' | 'priority' | 'urgency'> => {
	if (
		event === 'unhealthy' ? verdict === 'passed' : event === 'ended' && state === 'succeeded' && verdict !== 'failed'
	) {
		return { action: 'resolve', severity: 'info', priority: 'P5', urgency: '3' };
	}
	return event === 'ended' || event === 'guard' || event === 'unhealthy'
		? { action: 'trigger', severity: 'error', priority: 'P2', urgency: '4' }
		: { action: 'trigger', severity: 'warning', priority: 'P3', urgency: '4' };
};
