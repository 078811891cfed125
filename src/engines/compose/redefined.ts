import type { ComposeModel, ModelResource } from './model.ts';

const differing = (now: readonly ModelResource[], after: readonly ModelResource[]): readonly string[] =>
	after
		.filter(({ name, definition, external }) => {
			const before = now.find((one) => one.name === name);
			return before !== undefined && !external && !before.external && before.definition !== definition;
		})
		.map(({ name }) => name);

/**
 * Says which networks and volumes the new files define otherwise. What becomes of the ones that are there is up to the release of Compose,
 * not to the comparison: networks are made anew by newer ones (docker/compose pull 12267), and volumes by none without being asked.
 */
export const redefinedNotes = (now: ComposeModel | undefined, after: ComposeModel): readonly string[] =>
	now === undefined
		? []
		: [
				...differing(now.networks, after.networks).map(
					(name) =>
						`The network ${name} is defined otherwise in the new files. Newer releases of Compose make it anew, and every container that uses it; older ones keep it as it is: then remove it while nothing uses it (\`docker network rm ${name}\`), and start the services again.`,
				),
				...differing(now.volumes, after.volumes).map(
					(name) =>
						`The volume ${name} is defined otherwise in the new files. Compose keeps it as it is, with its data, unless somebody removes it.`,
				),
			];
