import type { Compared, Loss } from './compared.ts';
import type { ContainerFacts } from './container-facts.ts';
import { withTag } from './image-names.ts';
import type { ComposeModel, ModelService } from './model.ts';
import { copiedTexts, mountSources } from './mounted.ts';
import { publishedPorts, restartPolicy, valuesOf } from './settings.ts';

/** Values of one kind that a service has, in the words of a container's facts, by name. */
type Values = ReadonlyMap<string, string>;

/** One kind of what a container is made with, as its container and a model say it. */
interface Aspect {
	/** Its name in what is allowed. */
	readonly name: string;
	ofContainer(facts: ContainerFacts): Values;
	ofModel(service: ModelService, model: ComposeModel): Values;
	/** Says what is lost. */
	words(name: string, has: string, then: string): string;
}

const withValues = (values: Readonly<Record<string, string | null>>): Values =>
	new Map(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));

const aspects: readonly Aspect[] = [
	{
		name: 'image',
		// An image that is given by its id has no name that somebody chose.
		ofContainer: ({ imageName }) =>
			new Map(/^(sha256:)?[0-9a-f]{12,64}$/.test(imageName) ? [] : [['', withTag(imageName)]]),
		ofModel: ({ imageName }) => new Map([['', withTag(imageName)]]),
		words: (_, has, then) => `image ${has} would become ${then}`,
	},
	{
		name: 'ports',
		ofContainer: (facts) => new Map([['', publishedPorts(facts)]]),
		// Docker chooses one port of a range.
		ofModel: (service) => new Map(publishedPorts(service).includes('-') ? [] : [['', publishedPorts(service)]]),
		words: (_, has, then) => `ports ${has || 'none'} would become ${then || 'none'}`,
	},
	{
		name: 'mount',
		ofContainer: (facts) =>
			new Map([...valuesOf(facts, 'mount')].map(([target, from]) => [target, from.replace(/, read-only$/, '')])),
		ofModel: (service, model) => mountSources(service, model),
		words: (target, has, then) => `${has} at ${target} would become ${then}`,
	},
	{
		name: 'environment',
		ofContainer: (facts) => valuesOf(facts, 'environment'),
		ofModel: ({ environment }) => withValues(environment),
		words: (name) => `variable ${name} would get another value`,
	},
	{
		name: 'label',
		ofContainer: (facts) => valuesOf(facts, 'label'),
		ofModel: ({ labels }) => withValues(labels),
		words: (name) => `label ${name} would get another value`,
	},
	{
		name: 'restart',
		ofContainer: (facts) => new Map([['', restartPolicy(facts)]]),
		ofModel: ({ restart }) => new Map([['', restart]]),
		words: (_, has, then) => `restart policy ${has} would become ${then}`,
	},
	{
		name: 'command',
		ofContainer: (facts) => valuesOf(facts, 'command'),
		ofModel: ({ command }) => new Map(command === undefined ? [] : [['', JSON.stringify(command)]]),
		words: () => 'the command would become another one',
	},
];

/**
 * Lists the configs and secrets of a service whose text is made of such variables. Docker does not show which text a container has, and Compose's hash
 * does not cover it.
 */
const textsOfLogin = (service: ModelService, { after, given }: Compared): readonly Loss[] => {
	const marked = given?.model === undefined ? [] : copiedTexts(service, given.model);
	const loss = (key: string, of: string): Loss => ({
		name: `${service.name}:text:${key}`,
		reason: `the text of ${key} in ${service.name} may become another one: the files take ${of} from the login that calls Compose. Set it in .env`,
	});
	return copiedTexts(service, after).flatMap(({ key, definition, variable }) => {
		const other = marked.find((one) => one.key === key)?.definition ?? definition;
		const names = [...(given?.marks ?? [])].filter(
			([name, mark]) => name === variable || (other !== definition && other.includes(mark)),
		);
		return names.length === 0 ? [] : [loss(key, names.map(([name]) => name).join(', '))];
	});
};

/**
 * Lists what a container has from variables that its Compose files take from the login: whoever deployed it had set them, or has another
 * home, and the files alone make something else. Nobody asked for that: the files of now make it as well.
 */
export const givenByLogin = (facts: ContainerFacts, service: ModelService, compared: Compared): readonly Loss[] => {
	const { now, after, given, fits, rebuilds, real } = compared;
	const before = now?.services.find(({ name }) => name === service.name);
	const other = given?.model?.services.find(({ name }) => name === service.name);
	if (now === undefined || before === undefined || given?.model === undefined || other === undefined) {
		return [];
	}
	const texts = textsOfLogin(service, compared);
	// Compose's hash proves that the rest was made without them.
	if (fits.has(service.name)) {
		return texts;
	}
	const { model, marks } = given;
	/** Names the variables that a text is made of, by what they were given. */
	const madeOf = (text = ''): string => {
		const names = [...marks].filter(([, mark]) => text.includes(mark)).map(([name]) => name);
		return names.length === 0 ? 'a variable' : names.join(', ');
	};
	/** Resolves the links of a mounted path: the folder of the deployment may be called by one. */
	const place = (text?: string) => text?.replace(/^bind (.*)$/, (_, path) => `bind ${real?.get(path) ?? path}`);
	const values = aspects.flatMap(({ name: aspect, ofContainer, ofModel, words }) => {
		const [has, then, marked, was] = [
			ofContainer(facts),
			ofModel(service, after),
			ofModel(other, model),
			ofModel(before, now),
		];
		return [...then].flatMap(([name, value]) => {
			const mine = has.get(name);
			const isSame = (other?: string) => mine === other || (aspect === 'mount' && place(mine) === place(other));
			const isAskedFor = !rebuilds && was.get(name) !== value;
			return mine === undefined || isSame(value) || isSame(was.get(name)) || marked.get(name) === value || isAskedFor
				? []
				: [
						{
							name: [service.name, aspect, ...(name === '' ? [] : [name])].join(':'),
							reason: `${words(name, mine, value)} in ${service.name}: the files take ${madeOf(marked.get(name))} from the login that calls Compose, and it was another one then. Set it in .env`,
						},
					];
		});
	});
	return [...values, ...texts];
};
