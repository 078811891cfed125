import type { ExecEnd, HostProcess, SpawnOptions } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';

/** This machine by a link that can be cut: what goes over it is lost, and the next call goes over a new one. */
export class CutHost extends LocalHost {
	readonly #cuts = new Set<() => void>();
	#isCutNext = false;

	override async spawn(command: string, options?: SpawnOptions): Promise<HostProcess> {
		const running = await super.spawn(command, options);
		const lost = Promise.withResolvers<ExecEnd>();
		const cut = () => {
			lost.resolve({ code: undefined, lost: true });
			running.close();
		};
		this.#cuts.add(cut);
		if (this.#isCutNext) {
			this.#isCutNext = false;
			running.stdin.once('finish', cut);
		}
		const end = Promise.race([lost.promise, running.end]).finally(() => this.#cuts.delete(cut));
		return { ...running, end };
	}

	/** What is started next is cut when all of its input is written, whenever the host comes to read it. */
	cutNext(): void {
		this.#isCutNext = true;
	}

	cut(): void {
		for (const cut of this.#cuts) cut();
	}
}
