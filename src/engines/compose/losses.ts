import type { Compared } from './compared.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { ComposeModel, ModelService } from './model.ts';
import { mountsThatChange, mountsThatGo, valuesOf } from './settings.ts';

/** An unasked change that loses something. It is refused, unless its name is allowed. */
export interface Loss {
	/** `SERVICE:ASPECT:NAME`, the form in which it is allowed. */
	readonly name: string;
	readonly reason: string;
}

/** Lists what a container has that a new one made from the files would not have. */
export const lossesOf = (facts: ContainerFacts, service: ModelService, { unset, after }: Compared): readonly Loss[] => {
	const environment = valuesOf(facts, 'environment');
	const emptied = Object.entries(service.environment)
		.filter(([name, value]) => value === '' && (environment.get(name) ?? '') !== '')
		.map(([name]) => ({
			name: `${service.name}:environment:${name}`,
			reason: `variable ${name} of ${service.name} would become empty${unset.length === 0 ? '' : ` (nothing sets ${unset.join(', ')})`}`,
		}));
	const mounts = mountsThatGo(facts, service, after).map(([target, from]) => ({
		name: `${service.name}:mount:${target}`,
		reason: `${from} would no longer be mounted at ${target} of ${service.name}`,
	}));
	return [...emptied, ...mounts, ...otherVolumes(facts, service, after)];
};

/** Lists volumes in whose place something else would be mounted: what was written to them since would not be there. */
const otherVolumes = (facts: ContainerFacts, service: ModelService, after: ComposeModel): readonly Loss[] =>
	mountsThatChange(facts, service, after)
		.filter(({ before }) => before.startsWith('volume '))
		.map(({ target, before, then }) => ({
			name: `${service.name}:mount:${target}`,
			reason: `${before} would no longer be mounted at ${target} of ${service.name}: ${then} would`,
		}));

/** Lists containers that run and would not afterwards: added by hand (`--scale`), or more than the new files have. */
export const scaledDown = ({ after, containers }: Compared, anew: ReadonlyMap<string, unknown>): readonly Loss[] =>
	after.services.flatMap(({ name, replicas }) => {
		const running = containers.filter((facts) => facts.service === name && facts.running).length;
		return anew.has(name) && running > replicas
			? [
					{
						name: `${name}:replicas:${replicas}`,
						reason: `${running} containers of ${name} run, but the new Compose files say ${replicas}`,
					},
				]
			: [];
	});
