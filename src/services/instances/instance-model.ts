import type { Engine } from '../../engine/engine.ts';
import type { Instance, InstanceEvent, InstanceSummary } from '../../engine/instance.ts';
import { notReadYet } from '../../runbook/reading.ts';
import { createCoalescer } from '../host/coalesce.ts';
import { afterDrawing } from '../host/sleep.ts';
import { byService } from './by-service.ts';
import { createPendingChange, type InstanceChange } from './instance-change.ts';
import { healthIn, isAsItWas, isFresh, type KnownInstance } from './known-instance.ts';
import { createKnownInstances } from './known-instances.ts';
import { createStopWatch } from './stop-watch.ts';

/** The known state of a deployment's instances. */
export interface InstancesNow {
	/** The instances in display order. */
	readonly instances: readonly Instance[];
	/** Ids of instances that somebody was seen to stop. */
	readonly stopped: ReadonlySet<string>;
	/** The reason why their state is not known; undefined while it is. */
	readonly trouble?: string;
}

export interface InstanceListener {
	/** Called when instances were read; the change may be empty. */
	changed(change: InstanceChange): void;
	/** Called with the first list, before its instances are inspected. */
	listed?(list: readonly InstanceSummary[]): void;
	/** Called when they can no longer be read. */
	failed?(reason: string): void;
}

/**
 * The only model of running instances: it lists, inspects, receives events (instance-watch.ts), and publishes changes. Panels, checks, logs
 * and suggestions read it. Without a watch it reads on request, and caches.
 */
export class InstanceModel {
	readonly engine: Engine;
	readonly #pending = createPendingChange();
	readonly #stops = createStopWatch();
	readonly #known = createKnownInstances(this.#pending, this.#stops);
	readonly #listeners = new Set<InstanceListener>();
	readonly #coalesce = createCoalescer();
	/** Instances that are being inspected after an event; `again`: there was another event since. */
	readonly #inspecting = new Map<string, { again: boolean }>();
	#trouble: string | undefined = notReadYet;
	#watches = 0;
	#eventsSuffice = () => false;

	constructor(engine: Engine) {
		this.engine = engine;
	}

	get(): InstancesNow {
		const instances = this.#known
			.all()
			.map(({ instance }) => instance)
			.toSorted(byService);
		return { instances, stopped: this.#stops.stopped, trouble: this.#trouble };
	}

	/** True when it is watched without problems: its state is current, as far as events tell. */
	get isLive(): boolean {
		return this.#watches > 0 && this.#trouble === undefined;
	}

	/** @returns a function that ends the subscription */
	subscribe(listener: InstanceListener): () => void {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	}

	/** Returns the time since the engine last restarted an instance, as seen or recorded, ms; undefined when no restart is known. */
	restartedAgo({ id, restarts, startedAt }: Instance): number | undefined {
		const recorded = restarts > 0 && startedAt !== undefined ? this.engine.clock.toLocal(startedAt) : 0;
		const last = Math.max(this.#known.restartedAt(id) ?? 0, recorded);
		return last === 0 ? undefined : Date.now() - last;
	}

	/**
	 * Returns the instances of a list that is read now, or was requested by another caller a moment ago. Only those are inspected whose state
	 * the list leaves in doubt: for monitoring. Needs no list while events tell of every change.
	 */
	async takeKnown(
		signal?: AbortSignal,
		onListed?: (list: readonly InstanceSummary[]) => void,
	): Promise<readonly Instance[]> {
		if (this.isLive && this.#eventsSuffice()) {
			const all = this.#known.all();
			onListed?.(all.map(({ instance, words }) => ({ ...instance, words })));
			await this.#inspectEach(
				all.filter((one) => this.#inspecting.has(one.instance.id) || !isFresh(one, all.length)),
				signal,
			);
			this.#publishPending();
			return this.#known.all().map(({ instance }) => instance);
		}
		const { listed, askedAt } = await this.#list(signal);
		onListed?.(listed);
		// Callers that share the list show it first.
		await afterDrawing();
		const all = await Promise.all(
			listed.map(async (summary) => {
				const had = this.#known.get(summary.id);
				return had !== undefined && isAsItWas(had, summary, listed.length)
					? had.instance
					: this.#inspectShared(summary, signal);
			}),
		);
		this.#known.forgetAbsent(listed, askedAt);
		this.#publishPending();
		return all.filter((instance) => instance !== undefined);
	}

	/**
	 * Returns all instances, listed and inspected after the call: for a verdict. The list and the inspections of the last known instances are
	 * requested together: one round trip if nothing was added or removed.
	 */
	async takeAll(
		signal?: AbortSignal,
		onListed?: (list: readonly InstanceSummary[]) => void,
	): Promise<readonly Instance[]> {
		const askedAt = performance.now();
		const ahead = new Map(
			this.#known.all().map(({ instance: { id } }) => [id, this.engine.inspect(id, signal)] as const),
		);
		// Used below only if still listed.
		for (const answer of ahead.values()) {
			answer.catch(() => {});
		}
		const listed = await this.engine.list(signal);
		onListed?.(listed);
		const all = await Promise.all(
			listed.map(async ({ id, words }) => {
				// A list may be newer than an inspection: they belong together only if the list says the same as before the inspection.
				const isCertain = !ahead.has(id) || this.#known.get(id)?.words === words;
				const instance = await (ahead.get(id) ?? this.engine.inspect(id, signal));
				if (instance !== undefined) {
					this.#known.keep(instance, isCertain ? words : '', askedAt);
				}
				return instance;
			}),
		);
		this.#known.forgetAbsent(listed, askedAt);
		this.#publishPending();
		return all.filter((instance) => instance !== undefined);
	}

	/** Inspects one instance now; undefined when it is gone. */
	async inspect(id: string, signal?: AbortSignal): Promise<Instance | undefined> {
		const askedAt = performance.now();
		const instance = await this.engine.inspect(id, signal);
		if (instance === undefined) {
			this.#known.forget(id);
		} else {
			this.#known.keep(instance, '', askedAt);
		}
		this.#publishPending();
		return instance;
	}

	// Methods for instance-watch.ts.

	/** Lists, and inspects instances that the list shows as changed, or that were not inspected for longer than `inspectMs` returns. */
	async refresh(inspectMs: (instances: number) => number, shows: boolean, signal: AbortSignal): Promise<void> {
		const { listed, askedAt } = await this.#list(signal);
		if (shows && this.#known.all().length === 0 && listed.length > 0) {
			// The first list is shown before any inspections are requested.
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
		this.#known.forgetAbsent(listed, askedAt);
		this.#trouble = undefined;
		this.#publish(true);
	}

	/**
	 * While events tell of every change: inspects instances that were not inspected for longer than `inspectMs` returns, or one. That is a
	 * sign of life like a list.
	 */
	async renew(inspectMs: (instances: number) => number, signal: AbortSignal): Promise<void> {
		const all = this.#known.all().toSorted((a, b) => a.at - b.at);
		const now = performance.now();
		const stale = all.filter(({ at }) => now - at > inspectMs(all.length));
		await this.#inspectEach(stale.length > 0 ? stale : all.slice(0, 1), signal);
		this.#trouble = undefined;
		this.#publish(true);
	}

	/** Takes an event: applies what it says, and inspects the instance for the rest. */
	async take(event: InstanceEvent, signal: AbortSignal): Promise<void> {
		this.#stops.note(event);
		if (event.action === 'kill') {
			// A signal was sent; the next event shows its effect.
			return;
		}
		if (event.action === 'destroy') {
			this.#known.forget(event.id);
			this.#publishPending();
			return;
		}
		const had = this.#known.get(event.id);
		if (event.action === 'die' && had !== undefined && this.#trouble === undefined) {
			// Shown at once; whether it will be restarted needs an inspection.
			this.#known.keep({ ...had.instance, status: 'exited', exitCode: event.exitCode }, had.words, performance.now());
			this.#publishPending();
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

	/**
	 * @param eventsSuffice true while every change is told by an event
	 * @returns a function that ends the watch
	 */
	watched(eventsSuffice: () => boolean): () => void {
		this.#eventsSuffice = eventsSuffice;
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

	#inspectEach(known: readonly KnownInstance[], signal?: AbortSignal): Promise<unknown> {
		return Promise.all(known.map(({ instance: { id }, words }) => this.#inspectShared({ id, words }, signal)));
	}

	/** Inspects an instance, or shares the response that another caller is waiting for. */
	async #inspectShared(
		{ id, words }: Pick<InstanceSummary, 'id' | 'words'>,
		signal?: AbortSignal,
	): Promise<Instance | undefined> {
		const ask = async (left: AbortSignal) => {
			const askedAt = performance.now();
			return { instance: await this.engine.inspect(id, left), askedAt };
		};
		const { instance, askedAt } = await this.#coalesce(`inspect ${id}`, ask, signal);
		if (instance === undefined) {
			this.#known.forget(id);
			return undefined;
		}
		return this.#known.keep(instance, words, askedAt);
	}

	#publishPending(): void {
		if (!this.#pending.isEmpty()) {
			this.#publish(false);
		}
	}

	#publish(isWhole: boolean): void {
		const change = this.#pending.take(isWhole);
		for (const listener of [...this.#listeners]) {
			listener.changed(change);
		}
	}
}

export const createInstanceModel = (engine: Engine): InstanceModel => new InstanceModel(engine);
