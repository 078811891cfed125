import { findLost, unlock as giveUp, type HolderElsewhere } from '../application/runs/unlock.ts';
import { askLine } from './ask-operator.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { bold, masked, print, printError, printJson, safe } from './print.ts';

export interface UnlockOptions {
	readonly confirm?: string;
	readonly reason?: string;
	readonly json?: boolean;
}

/** Says what giving up the lock means. */
const show = ({ run, node, who, procedure, since }: HolderElsewhere): void => {
	const begun = since > 0 ? ` since ${new Date(since).toISOString().slice(0, 19).replace('T', ' ')} UTC` : '';
	print(`${bold(safe(procedure))}, run ${run} of ${safe(`${who.user}@${who.machine}`)} on ${safe(node)}${begun}`);
	print(`  Nothing is heard from ${safe(node)}, and only it knows how far that run has come.`);
	print(
		`  If ${safe(node)} comes back, that run changes no service, workload or node any more; its own scripts may do more.`,
	);
	print('  Its records, its output and its restore point stay on that node: nobody can undo it from here.');
	print();
};

/** `backout unlock`: gives up the lock of a run whose host is gone for good, so that others can run something again. */
export const unlock = (globals: GlobalOptions, id: string, options: UnlockOptions): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const lost = await findLost(session, id, signal);
		const { name } = session.target;
		let { confirm, reason = '' } = options;
		if (options.json !== true) {
			show(lost);
			if (confirm === undefined && process.stdin.isTTY === true && process.stderr.isTTY === true) {
				confirm = (await askLine(`Type ${safe(name)} to give up its lock: `, signal)).trim();
				reason = reason === '' && confirm === name ? await askLine('Reason, for the journal: ', signal) : reason;
			}
		}
		if (lost.looks > 0) {
			printError(`looking for ${lost.looks} s whether ${safe(lost.node)} still renews the lock`);
		}
		await giveUp(session, lost, { yes: false, reason, ...(confirm !== undefined && { text: confirm }) }, signal);
		if (options.json === true) {
			printJson(masked({ type: 'unlocked', target: name, run: lost.run, node: lost.node }));
		} else {
			print(`the lock of run ${lost.run} on ${safe(lost.node)} is given up: ${safe(name)} can be changed again`);
		}
		return 0;
	});
