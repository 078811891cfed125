import { useStdout } from 'ink';
import { clipboardSequence } from '../terminal/osc.ts';

/**
 * Puts a text, sanitised already, on the clipboard of the operator's terminal, through SSH and all. False when it is
 * longer than terminals take. No terminal says whether it did: some have it switched off.
 */
export const useClipboard = (): ((text: string) => boolean) => {
	const { stdout } = useStdout();
	return (text) => {
		const sequence = clipboardSequence(text);
		if (sequence === undefined) {
			return false;
		}
		stdout.write(sequence);
		return true;
	};
};
