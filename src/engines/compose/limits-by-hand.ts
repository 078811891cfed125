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
	readonly shown: (value: string) => string;
}

const resources = (raw: ModelService['raw']) => asRecord(asRecord(raw.deploy).resources);
const limits = (raw: ModelService['raw']) => asRecord(resources(raw).limits);
const reservations = (raw: ModelService['raw']) => asRecord(resources(raw).reservations);
const mebibytes = (count: string): string => `${Number((Number(count) / 2 ** 20).toFixed(1))} MiB`;
const nano = (processors: string | undefined): string | undefined =>
	processors === undefined ? undefined : String(Math.round(Number(processors) * 1e9));

/** Limits that `docker update` changes in a container that runs, and Compose forgets when it creates the next one (docker-container-update(1)). */
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
		shown: (value) => String(Number(value) / 1e9),
	},
	{
		setting: 'CpuShares',
		words: 'share of the processors',
		ofFiles: (raw) => asText(raw.cpu_shares),
		shown: String,
	},
	{
		setting: 'CpuQuota',
		words: 'quota of processor time',
		ofFiles: (raw) => asText(raw.cpu_quota),
		shown: (value) => `${value} µs`,
	},
	{
		setting: 'CpusetCpus',
		words: 'set of processors',
		ofFiles: (raw) => asText(raw.cpuset),
		shown: String,
	},
	{
		setting: 'PidsLimit',
		words: 'limit of processes',
		ofFiles: (raw) => asText(limits(raw).pids) ?? asText(raw.pids_limit),
		shown: String,
	},
	{
		setting: 'BlkioWeight',
		words: 'weight of disk access',
		ofFiles: (raw) => asText(asRecord(raw.blkio_config).weight),
		shown: String,
	},
];

const unlimited = '';

/** Returns a value of `HostConfig`, or of the files, in one form: JSON without its quotes, and no limit as an empty text. `0` is a set of processors. */
const plain = (setting: string, value = unlimited): string =>
	setting !== 'CpusetCpus' && ['0', '-1'].includes(value) ? unlimited : value.replaceAll('"', '');

const lost = ({ name }: ModelService, what: string, words: string, has: string, then: string): Loss => ({
	name: `${name}:${what}`,
	reason: `the ${words} that somebody gave ${name} by hand, ${has}, would be lost: the files say ${then}`,
});

/** Returns limits that somebody has changed, as losses. */
const limitsByHand = (facts: ContainerFacts, service: ModelService, before: ModelService): readonly Loss[] => {
	const settings = valuesOf(facts, 'setting');
	return changeable.flatMap(({ setting, words, ofFiles, shown }) => {
		const has = plain(setting, settings.get(setting));
		const then = plain(setting, ofFiles(service.raw));
		const text = (value: string) => (value === unlimited ? 'none' : shown(value));
		return [then, plain(setting, ofFiles(before.raw))].includes(has)
			? []
			: [lost(service, `limit:${setting}`, words, text(has), text(then))];
	});
};

/** Returns the restart policy that somebody has changed, as a loss; `no` is none. */
const restartByHand = (facts: ContainerFacts, service: ModelService, before: ModelService): readonly Loss[] => {
	const [has = 'no'] = (valuesOf(facts, 'restart policy').get('') ?? 'no').split(':');
	return ['no', before.restart, service.restart].includes(has)
		? []
		: [lost(service, `restart:${has}`, 'restart policy', has, service.restart)];
};

/**
 * Lists what somebody has given a container by `docker update` since Compose created it. Only a container that Compose would not recreate
 * from the files as they are tells so: of another one it is not known what it was created with.
 */
export const givenByHand = (facts: ContainerFacts, service: ModelService, { now, fits }: Compared): readonly Loss[] => {
	const before = now?.services.find(({ name }) => name === service.name);
	return before === undefined || !fits.has(service.name)
		? []
		: [...limitsByHand(facts, service, before), ...restartByHand(facts, service, before)];
};
