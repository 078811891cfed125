import { type Channel, fillTemplate, type NoticeValues } from '../../runbook/channels/channel.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { Host } from '../host/host.ts';
import { runScript } from '../host/run-script.ts';
import { post } from './webhook.ts';

const commandTimeoutMs = 20_000;

/**
 * Sends a notice through a channel, once, from this machine; mail by its command, on the host. Rejects with the reason, without the URL,
 * which may contain a secret.
 *
 * @param secrets every secret of the channel, by name
 */
export const sendNotice = async (
	host: Host,
	channel: Channel,
	notice: Masked<NoticeValues>,
	secrets: Readonly<Record<string, string>>,
): Promise<void> => {
	const values: Readonly<Record<string, string>> = { ...notice, ...secrets };
	if (channel.command !== undefined) {
		await runScript(host, 'printf %s "$message" | sh -c "$command"', {
			purpose: 'send a notice by mail',
			variables: { message: fillTemplate(channel.body, values), command: channel.command },
			timeoutMs: commandTimeoutMs,
		});
		return;
	}
	const headers = channel.headers.map((header): [string, string] => {
		const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(fillTemplate(header, values)) ?? [];
		return [name.toLowerCase(), value];
	});
	await post(fillTemplate(channel.url, values), {
		headers: Object.fromEntries(headers),
		body: fillTemplate(channel.body, values, { json: true, entities: channel.entities === true }),
	});
};
