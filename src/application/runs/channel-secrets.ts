import type { Channel } from '../../runbook/channels/channel.ts';
import { runScript } from '../../services/host/run-script.ts';
import { localValue } from '../../services/monitors/local-values.ts';
import type { Session } from '../fleet/session.ts';

/** Returns the secrets of a channel that this machine has, and the names of variables that are not set here. */
export const ownSecrets = ({ secrets }: Channel): { values: Record<string, string>; missing: readonly string[] } => {
	const values: Record<string, string> = {};
	const missing: string[] = [];
	for (const [name, source] of Object.entries(secrets)) {
		if (!('env' in source)) {
			continue;
		}
		const value = localValue(source.env)?.trim();
		if (value === undefined || value === '' || /[\r\n\0]/.test(value)) {
			missing.push(source.env);
		} else {
			values[name] = value;
		}
	}
	return { values, missing };
};

/** Returns every secret of a channel, also those in files of the host; undefined when one cannot be had. */
export const allSecrets = async (session: Session, channel: Channel): Promise<Record<string, string> | undefined> => {
	const { values, missing } = ownSecrets(channel);
	for (const [name, source] of Object.entries(channel.secrets)) {
		if ('file' in source) {
			const options = { purpose: 'read a secret of a channel', variables: { file: source.file } };
			const read = await runScript(session.host, 'head -n 1 "$file" 2>/dev/null', { ...options, anyExit: true });
			const value = read.stdout.trim();
			if (value === '') {
				return undefined;
			}
			values[name] = value;
		}
	}
	return missing.length > 0 ? undefined : values;
};
