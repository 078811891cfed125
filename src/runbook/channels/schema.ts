import { duration, mapping, z } from '../schema/parts.ts';
import { type Channel, type ChannelEvent, noticeEvents, type SecretSource, secretNames } from './channel.ts';
import { channelKinds } from './channel-kinds.ts';

const events = () =>
	z
		.array(z.enum(noticeEvents))
		.default([...noticeEvents])
		.describe(
			'The events to send: a run has ended, a run waits for a person, the lock has been held for long, a guard begins to roll back, the deployment became unhealthy without a run, or is healthy again; default: all',
		);

const kinds = Object.entries(channelKinds).map(([name, { about, keys }]) =>
	mapping(`channel "${name}"`, { kind: z.literal(name).describe(about), on: events(), ...keys }),
);
const [first, ...others] = kinds as [(typeof kinds)[number], ...typeof kinds];

const channel = z
	.discriminatedUnion('kind', [first, ...others], {
		error: (issue) =>
			issue.code === 'invalid_union'
				? `a channel's kind is one of: ${Object.keys(channelKinds).join(', ')}`
				: undefined,
	})
	.describe('One channel for notices');

type Entry = Readonly<Record<string, unknown>> & { readonly kind: string; readonly on: readonly ChannelEvent[] };

const build = (name: string, entry: Entry): Channel => {
	const secrets = secretNames.flatMap((key): [string, SecretSource][] => {
		const given = entry[key];
		return typeof given === 'object' && given !== null ? [[key, given as SecretSource]] : [];
	});
	const kind = channelKinds[entry.kind];
	if (kind === undefined) {
		throw new TypeError(`no kind of channel: ${entry.kind}`);
	}
	return { name, kind: entry.kind, events: entry.on, secrets: Object.fromEntries(secrets), ...kind.build(entry) };
};

/** Channels by name. */
export const channels = () =>
	z
		.record(z.string().regex(/^[A-Za-z0-9][\w-]*$/, 'a name is made of letters, digits, - and _'), channel)
		.transform((entries) => Object.entries(entries).map(([name, entry]) => build(name, entry as unknown as Entry)))
		.optional()
		.describe('Channels by name. The host sends their notices, whether or not anybody follows the run');

/** How long the lock may be held before there is a notice, ms. */
export const lockHeldFor = () =>
	duration()
		.refine((ms) => ms >= 1000, 'must be 1s or more')
		.optional()
		.describe('How long a run may hold the lock before channels are told; default 30m');
