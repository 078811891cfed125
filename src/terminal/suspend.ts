/** The process that is stopped: `process`. */
export interface StoppableProcess {
	readonly pid: number;
	kill(pid: number, signal: 'SIGTSTP' | 'SIGWINCH'): unknown;
	once(event: 'SIGCONT', listener: () => void): unknown;
	off(event: 'SIGCONT', listener: () => void): unknown;
}

/** Ink's `suspendTerminal`: releases the terminal during the callback. */
export type SuspendTerminal = (callback: () => void | Promise<void>) => Promise<void>;

/** Time that the program waits for the stop to take effect before it takes the terminal again, ms. */
const STOP_MS = 100;
/** Time for a change of size to be noticed and laid out before the screen is drawn, ms. */
const SIZE_MS = 20;

const stopped = (target: StoppableProcess) =>
	new Promise<void>((resolve) => {
		const resume = () => {
			clearTimeout(timer);
			target.off('SIGCONT', resume);
			resolve();
		};
		const timer = setTimeout(resume, STOP_MS);
		target.once('SIGCONT', resume);
		// 0 is the sender's process group: the programs that started this one (npm, a wrapper) stop with it.
		target.kill(0, 'SIGTSTP');
	});

/**
 * Does what Ctrl-Z does in a program without raw mode: releases the terminal and stops the whole process group, so that a shell with
 * job control takes over; when it continues (`fg`), the screen is drawn again.
 *
 * The timer stops with the program and fires after it continues. It also keeps the event loop alive meanwhile, or Node would exit, and
 * ends the wait when the signal is discarded: a group without a shell above it is orphaned, and SIGTSTP then does nothing (POSIX,
 * General Terminal Interface 11.1.4).
 *
 * A change of the window's size meanwhile was signalled to the group in the foreground, which was the shell's: so the program sends
 * SIGWINCH to itself, at which Node reads the size.
 */
export const stopProcess = (suspendTerminal: SuspendTerminal, target: StoppableProcess): Promise<void> =>
	suspendTerminal(async () => {
		await stopped(target);
		target.kill(target.pid, 'SIGWINCH');
		await new Promise<void>((resolve) => {
			setTimeout(resolve, SIZE_MS);
		});
	});
