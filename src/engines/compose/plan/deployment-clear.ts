import type { Precondition } from '../../../runbook/plan.ts';
import type { Deployment } from '../deployment.ts';

const cleared = { id: 'deployment', title: 'The deployment is identified' };

/** The precondition of a project without a container: nothing that goes by containers can be done. */
export const noContainer = ({ project, conflicts }: Deployment): Precondition => ({
	...cleared,
	state: 'failed',
	detail: [`the project ${project} has no container on this host`, ...conflicts].join('; '),
});

/**
 * Whether it is clear what is deployed.
 *
 * @param needs what the procedure needs: Compose with its files; and whether it may begin without any container
 */
export const clear = (
	deployment: Deployment,
	{ needsCompose, mayStart }: { readonly needsCompose: boolean; readonly mayStart: boolean },
): Precondition => {
	const { conflicts, unknown, containers, project, hasFolder } = deployment;
	if (unknown !== undefined) {
		return { ...cleared, state: 'unknown', detail: unknown };
	}
	// Where there is no folder, there is nothing but the containers that it could be unclear about.
	if (conflicts.length > 0 && (needsCompose || hasFolder)) {
		return { ...cleared, state: 'failed', detail: conflicts.join('; ') };
	}
	return containers === 0 && !mayStart
		? noContainer(deployment)
		: { ...cleared, state: 'passed', detail: `project ${project}, ${containers} containers` };
};

/** What whoever reads a plan should know of the deployment, though it forbids nothing. */
export const notesOn = ({ unset, conflicts, hasFolder }: Deployment): readonly string[] => [
	...(hasFolder ? [] : conflicts),
	...(unset.length === 0
		? []
		: [`Nothing sets ${unset.join(', ')}: Compose uses an empty value for ${unset.length === 1 ? 'it' : 'each'}.`]),
];
