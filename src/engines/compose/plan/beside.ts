import type { Loss } from '../compared.ts';
import type { ServiceChange } from '../comparison.ts';

/**
 * Notes what stays as it is although somebody may take it for a part of this: containers of `docker compose run`, which keep the image that
 * they were started with, and other projects of the same folder or repository, whose files change with it.
 *
 * @param beside lines `once NAME SERVICE`, `project NAME`, `neighbour NAME PATH` and `mounted NAME PATH` (facts.sh)
 */
export const besideNotes = (
	beside: readonly string[],
	changes: readonly ServiceChange[],
	filesChange: boolean,
): readonly string[] => {
	const changed = new Set(changes.filter(({ action }) => action !== 'keep').map(({ service }) => service));
	const words = beside.map((line) => line.split(' '));
	return [
		...words.flatMap(([kind, name, service = '']) =>
			kind === 'once' && changed.has(service)
				? [
						`${name} was started by docker compose run, and stays as it is: it goes on with the image and the settings that ${service} had then. docker stop ${name} ends it.`,
					]
				: [],
		),
		...words.flatMap(([kind, name]) =>
			kind === 'project' && filesChange
				? [
						`The project ${name} was started from the same folder. Its containers stay; its next \`up -d\` makes them from these files.`,
					]
				: [],
		),
		...words.flatMap(([kind, name, ...path]) =>
			kind === 'neighbour' || kind === 'mounted'
				? [
						`The project ${name} is deployed from the same repository, and files of it change, too, as ${path.join(' ')}. Its containers stay; its next \`up -d\` makes them from these files.`,
					]
				: [],
		),
	];
};

/** Lists other projects of the same repository whose running containers have files mounted that change: nobody asked for that. */
export const besideLosses = (beside: readonly string[]): readonly Loss[] =>
	beside.flatMap((line) => {
		const [kind, name, ...path] = line.split(' ');
		return kind !== 'mounted'
			? []
			: [
					{
						name: `project:${name}`,
						reason: `the project ${name} is deployed from the same repository, and its containers that run have ${path.join(' ')} mounted, which would change, too`,
					},
				];
	});
