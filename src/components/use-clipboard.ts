import { useStdout } from 'ink';
import { maskSecrets } from '../runbook/secrets.ts';
import { clipboardSequence } from '../terminal/osc.ts';

/**
 * Masks a sanitised text, and puts it on the clipboard of the operator's terminal, even through SSH. False when it is longer than terminals
 * accept. No terminal confirms it: in some it is switched off.
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
