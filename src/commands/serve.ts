import { createFleet } from '../application/fleet/fleet.ts';
import { BackoutError } from '../runbook/errors.ts';
import { replaceFile } from '../services/files/replaced-file.ts';
import { servePage } from '../services/page/page-server.ts';
import type { Fleet } from '../stores/fleet.ts';
import { createThrottle } from '../stores/throttle.ts';
import type { PendingPrompt } from '../stores/workspace.ts';
import { askOperator } from './ask-operator.ts';
import { type GlobalOptions, openTarget, untilStopped } from './context.ts';
import { NewestRun } from './page/newest-run.ts';
import { pageFacts, type ShownTarget } from './page/page-facts.ts';
import { pageHtml, pagePolicy } from './page/page-html.ts';
import { masked, print, printJson, safe } from './print.ts';

export interface ServeOptions {
	readonly all?: boolean;
	readonly write?: string;
	readonly port?: number;
	readonly allowHost?: readonly string[];
	readonly json?: boolean;
}

/** Port of the page unless another one is given. */
const defaultPort = 8020;
/** Shortest time between two writes of the file, ms. */
const writeMs = 1000;
/** Longest time between two writes, ms: a page that is older than a few of these says that it is old. */
const renewMs = 5000;

/** Asks on the terminal what the connections ask; without one, nothing is answered. */
const answerQuestions = ({ question }: Fleet, signal: AbortSignal): void => {
	const canAsk = process.stdin.isTTY === true && process.stderr.isTTY === true;
	let current: PendingPrompt | undefined;
	const next = () => {
		const pending = question.get();
		if (pending === undefined || pending === current) {
			return;
		}
		current = pending;
		void (canAsk ? askOperator(pending, signal) : Promise.resolve(undefined)).then((text) => {
			pending.answer(text);
			current = undefined;
			next();
		});
	};
	question.subscribe(next);
	next();
};

/** Resolves when the signal is aborted; rejects as soon as `failed` does. */
const untilAbortedOr = (failed: Promise<never>, signal: AbortSignal): Promise<void> =>
	Promise.race([
		failed,
		new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
	]);

interface WritePagesOptions {
	/** Called when something has changed. */
	readonly changes: Set<() => void>;
	/** Called when the file is there. */
	readonly onFirst: () => void;
	readonly signal: AbortSignal;
}

/** Writes the page whenever something has changed, and at least every few seconds. Returns when the signal is aborted. */
const writePages = async (
	file: string,
	facts: (ended: boolean) => ReturnType<typeof pageFacts>,
	{ changes, onFirst, signal }: WritePagesOptions,
): Promise<void> => {
	const write = (ended = false) => replaceFile(file, pageHtml(facts(ended)));
	await write();
	onFirst();
	const { promise: failed, reject } = Promise.withResolvers<never>();
	let last: Promise<void> = Promise.resolve();
	const throttle = createThrottle(() => {
		last = last.then(() => write());
		last.catch(reject);
	}, writeMs);
	changes.add(throttle.request);
	const timer = setInterval(throttle.request, renewMs);
	try {
		await untilAbortedOr(failed, signal);
	} finally {
		changes.delete(throttle.request);
		clearInterval(timer);
		throttle.cancel();
		await last.catch(() => {});
	}
	// Whoever still has the page sees at once that nothing newer will come.
	await write(true);
};

/**
 * `backout serve`: serves a page with what the dashboard shows on the loopback interface, or with `--write` keeps writing it into a file,
 * until it is stopped. It changes nothing on a host and cannot be asked to.
 */
export const serve = async (globals: GlobalOptions, options: ServeOptions): Promise<number> => {
	if (options.all === true && globals.target !== undefined) {
		throw new BackoutError('usage', '--all shows every target', { next: 'leave out --target' });
	}
	const { config, target } = await openTarget(globals);
	const targets = options.all === true ? config.targets : [target];
	const fleet = createFleet(targets, { readOnly: true });
	fleet.attend(targets.map(({ name }) => name));
	const changes = new Set<() => void>();
	const changed = () => {
		for (const listener of changes) {
			listener();
		}
	};
	const shown: (ShownTarget & { readonly run: NewestRun })[] = targets.map((one) => {
		const workspace = fleet.open(one.name);
		const { health, ...stores } = workspace.readings;
		for (const store of [...Object.values(stores), ...health.map(({ reading }) => reading)]) {
			store.subscribe(changed);
		}
		return { target: one, workspace, run: new NewestRun(workspace, changed) };
	});
	const facts = (ended = false) => pageFacts(shown, { at: Date.now(), ended });
	const say = (where: { readonly url: string } | { readonly file: string }) => {
		if (options.json === true) {
			printJson(masked({ type: 'serving', ...where }));
		} else if ('url' in where) {
			print(`The page is at ${safe(where.url)} until you stop it (ctrl-c). It can only be read.`);
		} else {
			print(`The page is written to ${safe(where.file)} until you stop it (ctrl-c).`);
		}
	};
	const work = async (signal: AbortSignal) => {
		answerQuestions(fleet, signal);
		if (options.write !== undefined) {
			const { write: file } = options;
			await writePages(file, facts, { changes, onFirst: () => say({ file }), signal });
		} else {
			const names = options.allowHost ?? [];
			const server = await servePage({
				port: options.port ?? defaultPort,
				page: () => pageHtml(facts()),
				policy: pagePolicy,
				names,
			});
			say({ url: server.url });
			await untilAbortedOr(new Promise<never>(() => {}), signal);
			await server.close();
		}
		signal.throwIfAborted();
		return 0;
	};
	return untilStopped(work, { onlyLooks: true }).finally(async () => {
		for (const { run } of shown) {
			run.stop();
		}
		await fleet.close();
	});
};
