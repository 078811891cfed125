import type { Compared, Loss } from './compared.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { ModelService } from './model.ts';
import { asRecord, asText } from './model-values.ts';
import { valuesOf } from './settings.ts';

interface Limit {
	/** Its name in `HostConfig`, as Docker inspects it. */
	readonly setting: string;
	readonly words: string;
	/** Returns what the files give a service; undefined when they say nothing. Of two places, Compose lets `deploy` win. */
	readonly ofFiles: (service: ModelService['raw']) => string | undefined;
	readonly shown: (value: number) => string;
}

const resources = (raw: ModelService['raw']) => asRecord(asRecord(raw.deploy).resources);
const limits = (raw: ModelService['raw']) => asRecord(resources(raw).limits);
const reservations = (raw: ModelService['raw']) => asRecord(resources(raw).reservations);
const mebibytes = (count: number): string => `${Number((count / 2 ** 20).toFixed(1))} MiB`;
const nano = (processors: string | undefined): string | undefined =>
	processors === undefined ? undefined : String(Math.round(Number(processors) * 1e9));

/** What `docker update` changes in a container that runs, and Compose forgets when it creates the next one (docker-container-update(1)). */
const changeable: readonly Limit[] = [
	{
		setting: 'Memory',
		words: 'memory limit',
		ofFiles: (raw) => asText(limits(raw).memory) ?? asText(raw.mem_limit),
		shown: mebibytes,
	},
	{
		setting: 'MemoryReservation',
		words: 'memory reservation',
		ofFiles: (raw) => asText(reservations(raw).memory) ?? asText(raw.mem_reservation),
		shown: mebibytes,
	},
	{
		setting: 'NanoCpus',
		words: 'limit of processors',
		ofFiles: (raw) => nano(asText(limits(raw).cpus) ?? asText(raw.cpus)),
		shown: (value) => String(value / 1e9),
	},
	{
		setting: 'CpuShares',
		words: 'share of the processors',
		ofFiles: (raw) => asText(raw.cpu_shares),
		shown: String,
	},
];

const unlimited = '0';

/**
 * Lists limits that somebody has given a container since Compose created it. Only a container that Compose would not recreate from the
 * files as they are tells so: of another one it is not known what it was created with.
 */
export const limitsByHand = (
	facts: ContainerFacts,
	service: ModelService,
	{ now, fits }: Compared,
): readonly Loss[] => {
	const before = now?.services.find(({ name }) => name === service.name);
	if (before === undefined || !fits.has(service.name)) {
		return [];
	}
	const settings = valuesOf(facts, 'setting');
	return changeable.flatMap(({ setting, words, ofFiles, shown }) => {
		const has = settings.get(setting) ?? unlimited;
		const then = ofFiles(service.raw) ?? unlimited;
		if ([then, ofFiles(before.raw) ?? unlimited].includes(has)) {
			return [];
		}
		const text = (value: string) => (value === unlimited ? 'none' : shown(Number(value)));
		return [
			{
				name: `${service.name}:limit:${setting}`,
				reason: `the ${words} that somebody gave ${service.name} by hand, ${text(has)}, would be lost: the files say ${text(then)}`,
			},
		];
	});
};

/** Returns the restart policy that somebody has given a container since Compose created it, as a loss; `no` is none. */
export const restartByHand = (
	facts: ContainerFacts,
	service: ModelService,
	{ now, fits }: Compared,
): readonly Loss[] => {
	const before = now?.services.find(({ name }) => name === service.name);
	const [has = 'no'] = (valuesOf(facts, 'restart policy').get('') ?? 'no').split(':');
	return before === undefined || !fits.has(service.name) || ['no', before.restart, service.restart].includes(has)
		? []
		: [
				{
					name: `${service.name}:restart:${has}`,
					reason: `the restart policy that somebody gave ${service.name} by hand, ${has}, would be lost: the files say ${service.restart}`,
				},
			];
};
