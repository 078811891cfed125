import type { Engine } from '../../engine/engine.ts';
import type { Instance, InstanceEvent, InstanceSummary } from '../../engine/instance.ts';
import { notReadYet } from '../../runbook/reading.ts';
import { createCoalescer } from '../host/coalesce.ts';
import { afterDrawing } from '../host/sleep.ts';
import { byService } from './by-service.ts';
import { createNews, type InstanceChange } from './instance-change.ts';
import { healthIn, isAsItWas, type KnownInstance } from './known-instance.ts';
import { createStopWatch } from './stop-watch.ts';

/** What is known of the instances of a deployment. */
export interface InstancesNow {
	/** In the order in which they are shown. */
	readonly instances: readonly Instance[];
	/** Those that somebody was seen to stop, by id. */
	readonly stopped: ReadonlySet<string>;
	/** Why it is not known how they are; undefined while it is. */
	readonly trouble?: string;
}

export interface InstanceListener {
	/** Instances were read; what has changed may be nothing. */
	changed(change: InstanceChange): void;
	/** The first list, before the instances of it are inspected. */
	listed?(list: readonly InstanceSummary[]): void;
	/** They cannot be read any more. */
	failed?(reason: string): void;
}

/**
 * The one model of what runs: it lists, inspects, is told of events (instance-watch.ts), and says what has changed. Panels,
 * checks, logs and suggestions read it. Without a watch it reads when it is asked, and remembers.
 */
export class InstanceModel {
	readonly engine: Engine;
	readonly #known = new Map<string, KnownInstance>();
	readonly #listeners = new Set<InstanceListener>();
	readonly #coalesce = createCoalescer();
	readonly #stops = createStopWatch();
	/** Instances that are being inspected because of an event; `again`: something has happened since. */
	readonly #inspecting = new Map<string, { again: boolean }>();
	/** When a restart of an instance was last seen to happen, this machine's clock. */
	readonly #restartedAt = new Map<string, number>();
	readonly #news = createNews();
	#trouble: string | undefined = notReadYet;
	#watches = 0;

	constructor(engine: Engine) {
		this.engine = engine;
	}

	get(): InstancesNow {
		const instances = [...this.#known.values()].map(({ instance }) => instance).toSorted(byService);
		return { instances, stopped: this.#stops.stopped, trouble: this.#trouble };
	}

	/** Whether it is watched and nothing is wrong: what it has is what there is, as far as events tell. */
	get isLive(): boolean {
		return this.#watches > 0 && this.#trouble === undefined;
	}

	/** @returns a function that ends it */
	subscribe(listener: InstanceListener): () => void {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	}

	/** How long ago an instance was restarted by the engine, as seen or recorded, ms; undefined when no restart is known. */
	restartedAgo({ id, restarts, startedAt }: Instance): number | undefined {
		const recorded = restarts > 0 && startedAt !== undefined ? this.engine.clock.toLocal(startedAt) : 0;
		const last = Math.max(this.#restartedAt.get(id) ?? 0, recorded);
		return last === 0 ? undefined : Date.now() - last;
	}

	/**
	 * The instances of a list that is taken now, or was asked for by somebody less than a moment ago. Only those are inspected of
	 * which the list leaves a doubt whether they are as they were: for those who watch.
	 */
	async takeKnown(
		signal?: AbortSignal,
		onListed?: (list: readonly InstanceSummary[]) => void,
	): Promise<readonly Instance[]> {
		const { listed, askedAt } = await this.#list(signal);
		onListed?.(listed);
		// What shares the list shows it first.
		await afterDrawing();
		const all = await Promise.all(
			listed.map(async (summary) => {
				const had = this.#known.get(summary.id);
				return had !== undefined && isAsItWas(had, summary, listed.length)
					? had.instance
					: this.#inspectShared(summary, signal);
			}),
		);
		this.#forgetAbsent(listed, askedAt);
		this.#tellNews();
		return all.filter((instance) => instance !== undefined);
	}

	/**
	 * All instances, listed and inspected after this was called: for a verdict. The list and the inspections of what was there last
	 * time go out together: one round trip when nothing has come or gone.
	 */
	async takeAll(
		signal?: AbortSignal,
		onListed?: (list: readonly InstanceSummary[]) => void,
	): Promise<readonly Instance[]> {
		const askedAt = performance.now();
		const ahead = new Map([...this.#known.keys()].map((id) => [id, this.engine.inspect(id, signal)] as const));
		// Awaited below only if still listed.
		for (const answer of ahead.values()) {
			answer.catch(() => {});
		}
		const listed = await this.engine.list(signal);
		onListed?.(listed);
		const all = await Promise.all(
			listed.map(async ({ id, words }) => {
				// A list may already know of what came after an inspection: only the same words on both sides of it go with it.
				const isCertain = !ahead.has(id) || this.#known.get(id)?.words === words;
				const instance = await (ahead.get(id) ?? this.engine.inspect(id, signal));
				if (instance !== undefined) {
					this.#keep(instance, isCertain ? words : '', askedAt);
				}
				return instance;
			}),
		);
		this.#forgetAbsent(listed, askedAt);
		this.#tellNews();
		return all.filter((instance) => instance !== undefined);
	}

	/** One instance, inspected now; undefined when it is gone. */
	async inspect(id: string, signal?: AbortSignal): Promise<Instance | undefined> {
		const askedAt = performance.now();
		const instance = await this.engine.inspect(id, signal);
		if (instance === undefined) {
			this.#forget(id);
		} else {
			this.#keep(instance, '', askedAt);
		}
		this.#tellNews();
		return instance;
	}

	// For instance-watch.ts.

	/** Lists, and inspects what has changed by the list or was not inspected for longer than `inspectMs` says. */
	async refresh(inspectMs: (instances: number) => number, shows: boolean, signal: AbortSignal): Promise<void> {
		const { listed, askedAt } = await this.#list(signal);
		if (shows && this.#known.size === 0 && listed.length > 0) {
			// The first that is known of them is seen before all of them are asked for more.
			for (const listener of this.#listeners) {
				listener.listed?.(listed);
			}
			await afterDrawing();
		}
		const now = performance.now();
		const stale = ({ id, status, words }: InstanceSummary) => {
			const had = this.#known.get(id);
			return (
				had === undefined ||
				had.instance.status !== status ||
				now - had.at > inspectMs(listed.length) ||
				healthIn(had.words) !== healthIn(words)
			);
		};
		await Promise.all(listed.filter(stale).map((summary) => this.#inspectShared(summary, signal)));
		this.#forgetAbsent(listed, askedAt);
		this.#trouble = undefined;
		this.#tell(true);
	}

	/** Takes in an event: what it says by itself now, and by an inspection what it does not say. */
	async take(event: InstanceEvent, signal: AbortSignal): Promise<void> {
		this.#stops.note(event);
		if (event.action === 'kill') {
			// A signal was sent; what it does is told by the next event.
			return;
		}
		if (event.action === 'destroy') {
			this.#forget(event.id);
			this.#tellNews();
			return;
		}
		const had = this.#known.get(event.id);
		if (event.action === 'die' && had !== undefined && this.#trouble === undefined) {
			// Shown at once; whether it is restarted is asked for.
			this.#keep({ ...had.instance, status: 'exited', exitCode: event.exitCode }, had.words, performance.now());
			this.#tellNews();
		}
		const running = this.#inspecting.get(event.id);
		if (running !== undefined) {
			running.again = true;
			return;
		}
		const mine = { again: true };
		this.#inspecting.set(event.id, mine);
		try {
			while (mine.again) {
				mine.again = false;
				await this.inspect(event.id, signal);
			}
		} finally {
			this.#inspecting.delete(event.id);
		}
	}

	fail(reason: string): void {
		this.#trouble = reason;
		for (const listener of this.#listeners) {
			listener.failed?.(reason);
		}
	}

	/** @returns a function that ends it */
	watched(): () => void {
		this.#watches++;
		return () => {
			this.#watches--;
		};
	}

	#list(signal?: AbortSignal): Promise<{ readonly listed: readonly InstanceSummary[]; readonly askedAt: number }> {
		const ask = async (left: AbortSignal) => {
			const askedAt = performance.now();
			return { listed: await this.engine.list(left), askedAt };
		};
		return this.#coalesce('list', ask, signal);
	}

	/** Inspects an instance, or takes the answer that somebody who asked a moment ago is waiting for. */
	async #inspectShared({ id, words }: InstanceSummary, signal?: AbortSignal): Promise<Instance | undefined> {
		const ask = async (left: AbortSignal) => {
			const askedAt = performance.now();
			return { instance: await this.engine.inspect(id, left), askedAt };
		};
		const { instance, askedAt } = await this.#coalesce(`inspect ${id}`, ask, signal);
		if (instance === undefined) {
			this.#forget(id);
			return undefined;
		}
		return this.#keep(instance, words, askedAt);
	}

	/** Keeps what was read, unless what is known was asked for later. Gives what is known then. */
	#keep(instance: Instance, words: string, askedAt: number): Instance {
		const had = this.#known.get(instance.id);
		if (had !== undefined && had.askedAt > askedAt) {
			return had.instance;
		}
		this.#news.keep(had?.instance, instance);
		if (had !== undefined && instance.restarts > had.instance.restarts) {
			this.#restartedAt.set(instance.id, Date.now());
		}
		this.#known.set(instance.id, { instance, words, at: performance.now(), askedAt });
		return instance;
	}

	#forget(id: string): void {
		const had = this.#known.get(id);
		if (had !== undefined) {
			this.#known.delete(id);
			this.#news.forget(had.instance);
		}
		this.#restartedAt.delete(id);
		this.#stops.forget(id);
	}

	/** Forgets what a list does not have, unless it came after the list was asked for. */
	#forgetAbsent(listed: readonly InstanceSummary[], askedAt: number): void {
		const present = new Set(listed.map(({ id }) => id));
		for (const [id, known] of [...this.#known]) {
			if (!present.has(id) && known.askedAt <= askedAt) {
				this.#forget(id);
			}
		}
	}

	#tellNews(): void {
		if (!this.#news.isEmpty()) {
			this.#tell(false);
		}
	}

	#tell(isWhole: boolean): void {
		const change = this.#news.take(isWhole);
		for (const listener of [...this.#listeners]) {
			listener.changed(change);
		}
	}
}

export const createInstanceModel = (engine: Engine): InstanceModel => new InstanceModel(engine);
