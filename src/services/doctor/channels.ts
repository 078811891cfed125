import type { Channel } from '../../runbook/channels/channel.ts';
import type { Finding } from '../../runbook/finding.ts';
import type { Host } from '../host/host.ts';
import { runScript } from '../host/run-script.ts';
import { localValue } from '../monitors/local-values.ts';
import noticeSend from '../runner/host/notice-send.sh';
import script from './look-at-channels.sh';

const sourcesOf = (channels: readonly Channel[]) => channels.flatMap(({ secrets }) => Object.values(secrets));

/** Checks that this machine has the variables that channels take their secrets from. No finding if they need none. */
export const lookAtChannelValues = (channels: readonly Channel[]): readonly Finding[] => {
	const names = [...new Set(sourcesOf(channels).flatMap((source) => ('env' in source ? [source.env] : [])))];
	const missing = names.filter((name) => (localValue(name) ?? '').trim() === '');
	const base = { id: 'channel-values', where: 'here', title: 'Secrets of channels' } as const;
	if (names.length === 0) {
		return [];
	}
	return missing.length === 0
		? [{ ...base, state: 'ok', found: names.join(', ') }]
		: [
				{
					...base,
					state: 'warn',
					found: `not set: ${missing.join(', ')}; these channels are not told about runs that start here`,
					fix: 'Set them in the environment, or in a file .env beside the config.',
				},
			];
};

/** Checks that the host can send notices: its programs, and the files with secrets. No finding without channels. */
export const lookAtChannels = async (
	host: Host,
	channels: readonly Channel[],
	signal?: AbortSignal,
): Promise<readonly Finding[]> => {
	if (channels.length === 0) {
		return [];
	}
	const files = sourcesOf(channels).flatMap((source) => ('file' in source ? [source.file] : []));
	const { stdout } = await runScript(host, script, {
		purpose: 'check whether it can send notices',
		prelude: [noticeSend],
		variables: { files: files.join('\n') },
		signal,
	});
	const sender = /^sender (\w+)$/m.exec(stdout)?.[1];
	const unreadable = [...stdout.matchAll(/^unreadable (.+)$/gm)].map(([, path]) => path);
	const base = { id: 'channels', where: 'host', title: 'Notices' } as const;
	if (sender === undefined && channels.some(({ command }) => command === undefined)) {
		return [
			{
				...base,
				state: 'warn',
				found: 'neither curl nor GNU Wget: the machine that connects next sends the notices',
				fix: 'Install curl on the host.',
			},
		];
	}
	return unreadable.length > 0
		? [
				{
					...base,
					state: 'warn',
					found: `this login cannot read ${unreadable.join(', ')}`,
					fix: 'Put the secret there, readable for whoever starts runs, and for nobody else.',
				},
			]
		: [
				{
					...base,
					state: 'ok',
					found: `sent by ${sender ?? 'a command'}: ${channels.map(({ name }) => name).join(', ')}`,
				},
			];
};
