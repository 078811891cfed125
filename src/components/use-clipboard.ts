import { useStdout } from 'ink';
import { maskSecrets } from '../runbook/secrets.ts';
import { clipboardSequence } from '../terminal/osc.ts';

/**
 * Masks a text, sanitised already, and puts it on the clipboard of the operator's terminal, through SSH and all. False when it
 * is longer than terminals take. No terminal says whether it did: some have it switched off.
 */
export const useClipboard = (): ((text: string) => boolean) => {
	const { stdout } = useStdout();
	return (text) => {
		const sequence = clipboardSequence(maskSecrets(text));
		if (sequence === undefined) {
			return false;
		}
		stdout.write(sequence);
		return true;
	};
};
