import { type Block, blockOf } from '../../runbook/block.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { InputChoice, InputOffer, ResolvedInput } from '../../runbook/plan.ts';
import type { InputDefinition, ProcedureDefinition } from '../../runbook/runbook.ts';
import { isSecretName } from '../../runbook/secret-names.ts';
import { mask, maskSecrets } from '../../runbook/secrets.ts';
import { maskText } from '../../runbook/secrets-deep.ts';
import { keepScriptShell } from '../../services/host/script-shell.ts';
import { readBlocks } from '../../services/runner/blocked/blocks.ts';
import { lastLine, runReadOnlyScript, type ScriptPlace } from '../../services/runner/client/read-only-script.ts';
import { readCommitMarks } from '../../services/runner/known-good/commits.ts';
import { readImageMarks } from '../../services/runner/known-good/images.ts';
import type { Marks } from '../../services/runner/known-good/registry.ts';

/** Parses the output of a `choices` script: value TAB label TAB detail TAB marks. Lines without a value are left out. */
const parseChoices = (text: string): readonly InputChoice[] =>
	text
		.split('\n')
		.map((line) => line.split('\t'))
		.filter(([value]) => value !== undefined && value !== '')
		.map(([value = '', label = value, detail = '', marks = '']) => ({
			value,
			label,
			detail,
			marks: marks.split(',').filter((mark) => mark !== ''),
		}));

/** Marks from earlier verifications, for the types of input that have them. */
type Known = Readonly<Partial<Record<InputDefinition['type'], Marks>>>;

const nothingKnown: Marks = new Map();

const withMarks = (choices: readonly InputChoice[], known: Marks): readonly InputChoice[] =>
	choices.map((choice) => {
		const mark = known.get(choice.value);
		return mark === undefined ? choice : { ...choice, marks: [...choice.marks, mark] };
	});

/** Marks the commits and images that were rolled back and are blocked. */
const withBlocks = (choices: readonly InputChoice[], blocks: readonly Block[]): readonly InputChoice[] =>
	choices.map((choice) =>
		blockOf(blocks, { commit: choice.value, images: [choice.value] }) === undefined
			? choice
			: { ...choice, marks: [...choice.marks, 'blocked'] },
	);

/** Returns the preset; never a choice that is known to be bad or is blocked, though the operator may choose that. */
export const presetOf = (
	{ preset }: Pick<InputDefinition, 'preset'>,
	choices: readonly InputChoice[],
	known: Marks,
): string | undefined => {
	const usable = choices.filter(({ marks }) => !marks.includes('bad') && !marks.includes('blocked'));
	switch (preset) {
		case 'none':
			return undefined;
		case 'first':
			return usable[0]?.value;
		case 'good': {
			const lastVerified = [...known.keys()].reverse();
			const good = usable
				.filter(({ marks }) => marks.includes('good') && !marks.includes('current'))
				.toSorted((a, b) => lastVerified.indexOf(a.value) - lastVerified.indexOf(b.value));
			return (good[0] ?? usable.find(({ marks }) => marks.includes('fallback')))?.value;
		}
	}
};

const offerOf = async (
	place: ScriptPlace,
	definition: InputDefinition,
	reading: Promise<{ readonly known: Known; readonly blocks: readonly Block[] }>,
	signal?: AbortSignal,
): Promise<InputOffer> => {
	const [result, { known, blocks }] = await Promise.all([
		runReadOnlyScript(place, definition.choices, { purpose: `list the choices for ${definition.name}`, signal }),
		reading,
	]);
	const listed = parseChoices(result.stdout);
	const marks = known[definition.type] ?? nothingKnown;
	const choices = withBlocks(withMarks(listed, marks), blocks);
	const preset = presetOf(definition, choices, marks);
	return {
		name: definition.name,
		title: definition.title,
		choices,
		...(preset !== undefined && { preset }),
		...(choices.length === 0 && {
			reason: maskSecrets(lastLine(result.stderr, result.stdout)) || 'the host lists nothing to choose from',
		}),
	};
};

/** Reads the verdicts and blocks that choices are marked with. */
const readKnown = async (
	{ host, target }: ScriptPlace,
	{ inputs }: ProcedureDefinition,
	signal?: AbortSignal,
): Promise<{ readonly known: Known; readonly blocks: readonly Block[] }> => {
	const wanted = new Set(inputs.map(({ type }) => type));
	const [commit, image, blocks] = await Promise.all([
		wanted.has('commit') ? readCommitMarks(host, target, signal) : nothingKnown,
		wanted.has('image') ? readImageMarks(host, target, signal) : nothingKnown,
		// If they cannot be read, the plan says so.
		wanted.has('commit') || wanted.has('image') ? readBlocks(host, target, signal).catch(() => []) : [],
	]);
	return { known: { commit, image }, blocks };
};

/** Reads the live choices for each input of a procedure. Throws `unreachable` when the host does not answer. */
export const inputOffers = async (
	place: ScriptPlace,
	procedure: ProcedureDefinition,
	signal?: AbortSignal,
): Promise<readonly InputOffer[]> => {
	if (procedure.inputs.length > 0) {
		keepScriptShell(place.host);
	}
	const reading = readKnown(place, procedure, signal);
	return Promise.all(procedure.inputs.map((definition) => offerOf(place, definition, reading, signal)));
};

/** Returns a value for display, masked if necessary. */
const shown = (name: string, value: string): string =>
	JSON.stringify(isSecretName(name) ? mask(value) : maskSecrets(value));

const resolveInput = async (
	place: ScriptPlace,
	{ procedure, definition }: { readonly procedure: string; readonly definition: InputDefinition },
	offer: InputOffer,
	given: string,
	signal?: AbortSignal,
): Promise<ResolvedInput> => {
	const { name, title } = definition;
	const listed = offer.choices.find(({ value }) => value === given);
	if (listed !== undefined) {
		return { name, title, value: listed.value, label: listed.label, detail: listed.detail };
	}
	if (given.includes('\0') || definition.resolve === undefined) {
		throw new BackoutError('refused', `${shown(name, given)} is not one of the choices for ${name}`, {
			host: place.host.name,
			next: `\`backout inputs ${procedure}\` lists the choices`,
		});
	}
	const result = await runReadOnlyScript(place, definition.resolve, {
		purpose: `resolve ${name}`,
		environment: { value: given },
		signal,
	});
	const value = result.stdout.trim().split('\n')[0] ?? '';
	if (result.code !== 0 || value === '') {
		throw new BackoutError(
			'refused',
			`${shown(name, given)} cannot be used for ${name}: ${maskText(lastLine(result.stdout, result.stderr), isSecretName(name) ? [given] : []) || 'the host does not know it'}`,
			{ host: place.host.name, next: `\`backout inputs ${procedure}\` lists the choices` },
		);
	}
	const known = offer.choices.find((choice) => choice.value === value);
	return { name, title, value, label: known?.label ?? given, detail: known?.detail ?? '' };
};

/**
 * Fixes every input to one value on the host: the given one, else the preset. It is not resolved again during the run. Throws `usage` for
 * an unknown or missing input, `refused` for a value that the host does not have.
 */
export const resolveInputs = async (
	place: ScriptPlace,
	procedure: ProcedureDefinition,
	given: Readonly<Record<string, string>>,
	signal?: AbortSignal,
): Promise<readonly ResolvedInput[]> => {
	const names = procedure.inputs.map(({ name }) => name);
	for (const name of Object.keys(given)) {
		if (!names.includes(name)) {
			throw new BackoutError('usage', `${procedure.id} has no input ${JSON.stringify(name)}`, {
				next: names.length === 0 ? 'it takes no inputs' : `its inputs are: ${names.join(', ')}`,
			});
		}
	}
	if (procedure.inputs.length === 0) {
		return [];
	}
	const offers = await inputOffers(place, procedure, signal);
	return Promise.all(
		procedure.inputs.map((definition, index) => {
			const offer = offers[index];
			const value = given[definition.name] ?? offer?.preset;
			if (offer === undefined || value === undefined) {
				throw new BackoutError(
					offer?.reason === undefined ? 'usage' : 'refused',
					offer?.reason ?? `${procedure.id} needs a value for ${definition.name}: ${definition.title}`,
					{
						host: place.host.name,
						next: `give one with --input ${definition.name}=VALUE; \`backout inputs ${procedure.id}\` lists the choices`,
					},
				);
			}
			return resolveInput(place, { procedure: procedure.id, definition }, offer, value, signal);
		}),
	);
};
