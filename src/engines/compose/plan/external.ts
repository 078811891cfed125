import type { Precondition } from '../../../runbook/plan.ts';
import type { ServiceChange } from '../comparison.ts';
import { dependencesOf } from '../dependencies.ts';
import type { ComposeModel } from '../model.ts';

/**
 * The precondition that fails if what is started needs a network or volume that Compose does not create (`external: true`) and that is not on
 * the host: Compose would find that only after the files are the new ones. None if everything is there.
 *
 * @param present the networks and volumes of the host, `network NAME` and `volume NAME`; undefined if Docker did not say
 */
export const absentResources = (
	after: ComposeModel,
	changes: readonly ServiceChange[],
	present: ReadonlySet<string> | undefined,
): readonly Precondition[] => {
	const made = changes
		.filter(({ action }) => action === 'recreate' || action === 'create')
		.map(({ service }) => service);
	const needed = new Set([...made, ...[...dependencesOf(made, after.services)].map(({ on }) => on)]);
	const services = after.services.filter(({ name }) => needed.has(name));
	const networks = new Set(services.flatMap((service) => service.networks));
	const volumes = new Set(services.flatMap(({ mounts }) => mounts.flatMap(({ source }) => source ?? [])));
	const absent = [
		...after.networks.filter(({ external, key }) => external && networks.has(key)).map(({ name }) => `network ${name}`),
		...after.volumes.filter(({ external, key }) => external && volumes.has(key)).map(({ name }) => `volume ${name}`),
	].filter((one) => present?.has(one) === false);
	return absent.length === 0
		? []
		: [
				{
					id: 'external',
					title: 'What Compose does not create is there',
					state: 'failed',
					detail: `${absent.join(', ')}: the new files say that ${absent.length === 1 ? 'it is' : 'these are'} external, and Docker does not have ${absent.length === 1 ? 'it' : 'them'}. Create ${absent.length === 1 ? 'it' : 'them'} again (${absent.map((one) => `docker ${one.replace(' ', ' create ')}`).join('; ')}), or choose another version${absent.some((one) => one.startsWith('volume ')) ? '; what was in a volume has to come from a backup' : ''}`,
				},
			];
};
