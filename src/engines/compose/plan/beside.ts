import type { ServiceChange } from '../comparison.ts';

/**
 * Notes what stays as it is although somebody may take it for a part of this: containers of `docker compose run`, which keep the image that
 * they were started with, and other projects of the same folder, whose files change with it.
 *
 * @param beside lines `once NAME SERVICE` and `project NAME` (facts.sh)
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
	];
};
