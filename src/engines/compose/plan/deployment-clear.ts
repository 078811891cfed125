import type { Precondition } from '../../../runbook/plan.ts';
import type { Deployment } from '../deployment.ts';

const cleared = { id: 'deployment', title: 'The deployment is identified' };

/** The precondition that fails for a project without containers, as nothing that needs them can be done. */
export const noContainer = ({ project, conflicts }: Deployment): Precondition => ({
	...cleared,
	state: 'failed',
	detail: [`the project ${project} has no container on this host`, ...conflicts].join('; '),
});

/**
 * The precondition that it is clear what is deployed.
 *
 * @param needs the procedure's needs: Compose with its files; and whether it may begin without any container
 */
export const clear = (
	deployment: Deployment,
	{ needsCompose, mayStart }: { readonly needsCompose: boolean; readonly mayStart: boolean },
): Precondition => {
	const { conflicts, unknown, containers, project, hasFolder, onlyContainers } = deployment;
	if (unknown !== undefined) {
		return { ...cleared, state: 'unknown', detail: unknown };
	}
	if (onlyContainers !== undefined && needsCompose) {
		return { ...cleared, state: 'failed', detail: onlyContainers };
	}
	// Without a folder, only the containers could be unclear.
	if (conflicts.length > 0 && (needsCompose || hasFolder)) {
		return { ...cleared, state: 'failed', detail: conflicts.join('; ') };
	}
	return containers === 0 && !mayStart
		? noContainer(deployment)
		: { ...cleared, state: 'passed', detail: `project ${project}, ${containers} containers` };
};

/** Facts about the deployment that a reader of the plan should know, though they forbid nothing. */
export const notesOn = ({ unset, conflicts, hasFolder, onlyContainers }: Deployment): readonly string[] => [
	...(hasFolder ? [] : conflicts),
	...(onlyContainers === undefined ? [] : [`${onlyContainers.charAt(0).toUpperCase()}${onlyContainers.slice(1)}.`]),
	...(unset.length === 0
		? []
		: [`Nothing sets ${unset.join(', ')}: Compose uses an empty value for ${unset.length === 1 ? 'it' : 'each'}.`]),
];
