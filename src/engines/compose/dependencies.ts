import type { ModelService } from './model.ts';

/** One service depends on another. */
interface Dependence {
	readonly of: string;
	readonly on: string;
}

/** Yields the dependences of these services, then those of what they depend on, each once. */
export function* dependencesOf(
	names: Iterable<string>,
	services: readonly ModelService[],
): Generator<Dependence, void, undefined> {
	const seen = new Set<string>();
	function* visit(name: string): Generator<Dependence, void, undefined> {
		if (seen.has(name)) {
			return;
		}
		seen.add(name);
		for (const { service } of services.find((one) => one.name === name)?.dependsOn ?? []) {
			yield { of: name, on: service };
			yield* visit(service);
		}
	}
	for (const name of names) {
		yield* visit(name);
	}
}
