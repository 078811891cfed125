import type { Pty } from './pty.ts';

/**
 * Presses a key again and again until the screen holds what is waited for, as a person does: a dialog takes no keys in
 * its first moment. Where one too many would do something else, give it more time. Rejects with the screen at the time-out.
 */
export const pressUntil = async (
	pty: Pty,
	key: string,
	holds: Parameters<Pty['waitFor']>[0],
	timeoutMs = 60_000,
	everyMs = 300,
): Promise<void> => {
	pty.press(key);
	const timer = setInterval(() => pty.press(key), everyMs);
	await pty.waitFor(holds, timeoutMs).finally(() => clearInterval(timer));
};
