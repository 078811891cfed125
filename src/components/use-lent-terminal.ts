import { useApp, useStdout } from 'ink';
import { type LentTerminal, ownTerminal } from '../terminal/lent-terminal.ts';
import { resetAfterProgram } from '../terminal/restore.ts';

/**
 * Gives the terminal to a command for a while. However that ends, the terminal is brought back to how it was, and the screen is drawn
 * again, in the size that the window has then.
 */
export const useLentTerminal = (): (<T>(use: (terminal: LentTerminal) => Promise<T>) => Promise<T>) => {
	const { suspendTerminal } = useApp();
	const { stdout } = useStdout();
	return async (use) => {
		const used = Promise.withResolvers<Awaited<ReturnType<typeof use>>>();
		used.promise.catch(() => {});
		await suspendTerminal(async () => {
			try {
				used.resolve(await use(ownTerminal()));
			} catch (error) {
				used.reject(error);
			} finally {
				resetAfterProgram(stdout);
			}
		});
		return used.promise;
	};
};
