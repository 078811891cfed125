import type { Comparison, ServiceChange } from '../comparison.ts';
import { type BuildFolders, contextsBeside, isBuiltHere, isMoving } from '../image-names.ts';
import type { ComposeModel } from '../model.ts';

/** True when its container stays: as it is, or restarted. */
export const isLeft = ({ action }: ServiceChange): boolean => action === 'keep' || action === 'restart';

/**
 * Lists the main service and recreated services if nothing proves that their image belongs to the chosen commit: it is not built from
 * the commit, and its name may have stood for another image then. The other services keep what they have.
 */
export const unprovenServices = (
	after: ComposeModel,
	{ changes }: Pick<Comparison, 'changes'>,
	main: string,
	folders: BuildFolders,
): ReadonlySet<string> =>
	new Set(
		after.services
			.filter((one) => {
				const { name, imageName } = one;
				const change = changes.find(({ service }) => service === name);
				const stays = change !== undefined && isLeft(change);
				const mayBeOther = isBuiltHere(one, after.services)
					? contextsBeside(one, after.services, folders).length > 0
					: isMoving(imageName);
				return mayBeOther && (name === main || !stays);
			})
			.map(({ name }) => name),
	);

/** Notes which services get an image that is not built from the chosen commit. A URL may have a password in it. */
export const builtBesideNotes = (
	after: ComposeModel,
	unproven: ReadonlySet<string>,
	folders: BuildFolders,
): readonly string[] =>
	after.services
		.filter(({ name }) => unproven.has(name))
		.flatMap((service) => {
			const contexts = contextsBeside(service, after.services, folders).map((one) => one.replace(/\/\/[^/]*@/, '//'));
			return contexts.length === 0
				? []
				: [
						`${service.name} is built from ${contexts.join(', ')}, which does not go with the commit: it gets what is there now, and nothing proves which version that is.`,
					];
		});
