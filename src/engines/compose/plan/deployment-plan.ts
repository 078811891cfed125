import type { DeploymentPlan, DeploymentQuestion } from '../../../engine/deployment.ts';
import { isImageId } from '../../../runbook/image-id.ts';
import { isEmergency } from '../../../runbook/risk.ts';
import type { ProcedureDefinition } from '../../../runbook/runbook.ts';
import type { Host } from '../../../services/host/host.ts';
import { type DeploymentTarget, deploymentEnvironment, identityOf } from '../deployment.ts';
import { deploymentOf } from '../read-model.ts';
import { clear, noContainer, notesOn } from './deployment-clear.ts';
import { readHeldPorts } from './held-ports.ts';
import { planByLabels } from './plan-by-labels.ts';
import { planChanges, type Wanted } from './plan-changes.ts';
import { readPlanFacts } from './plan-facts.ts';
import { readWritten } from './written.ts';

const becomesOf = (
	{ recreates }: ProcedureDefinition,
	chosen: Readonly<Record<string, string>>,
): Wanted | undefined => {
	const value = (name: string | undefined): string | undefined => (name === undefined ? undefined : chosen[name]);
	const [commit, image, source] = [value(recreates?.commit), value(recreates?.image), value(recreates?.file)];
	if (commit !== undefined) {
		return { becomes: { kind: 'commit', commit } };
	}
	if (source !== undefined) {
		return { becomes: { kind: 'file', source } };
	}
	if (image === undefined) {
		return undefined;
	}
	// An image id gets the name that Compose starts; an image name is another version, and keeps that name.
	return isImageId(image) ? { becomes: { kind: 'same' }, image } : { becomes: { kind: 'version', image } };
};

/** Returns an input's file that the plan rests on: a backup, or a file that replaces another. */
const groundFileOf = (procedure: ProcedureDefinition, chosen: Readonly<Record<string, string>>): string | undefined =>
	procedure.inputs
		.filter(({ type }) => type === 'file')
		.map(({ name }) => chosen[name]?.replace(/^env:/, ''))
		.find((value) => value?.startsWith('/'));

/**
 * Finds out what is deployed and, for a procedure that recreates containers, what would change. Changes nothing. Throws `unreachable`,
 * and `failed` if the host cannot say what is deployed.
 */
export const planDeployment = async (
	host: Host,
	target: DeploymentTarget,
	{ procedure, chosen, allowed, mainService, environment, signal }: DeploymentQuestion,
): Promise<DeploymentPlan> => {
	const deployment = await deploymentOf(host, target, { signal });
	const nothing = { deployment: identityOf(deployment), environment: {}, preconditions: [], notes: [] };
	if (procedure.steps.length === 0 || procedure.risk === 'read-only') {
		return nothing;
	}
	if (isEmergency(procedure)) {
		// An unknown deployment is reported with Docker's own answer instead.
		const none = deployment.unknown === undefined && deployment.containers === 0;
		const preconditions = none ? [noContainer(deployment)] : [];
		return { ...nothing, preconditions, notes: [...deployment.conflicts, ...deployment.stopLimits] };
	}
	const wanted = becomesOf(procedure, chosen);
	if (wanted === undefined && deployment.unknown !== undefined) {
		// A procedure that creates no container need not wait for Docker: its own preconditions say what it needs.
		return nothing;
	}
	// Another image needs no Compose files if there are none: the containers say how they were made, except to Podman.
	const byLabels =
		!deployment.hasFolder &&
		deployment.onlyContainers === undefined &&
		(wanted?.becomes.kind === 'version' || (wanted !== undefined && wanted.image !== undefined));
	const isClear = clear(deployment, {
		needsCompose: wanted !== undefined && !byLabels,
		mayStart: wanted === undefined && deployment.hasFolder,
	});
	if (isClear.state !== 'passed') {
		return { ...nothing, preconditions: [isClear] };
	}
	if (deployment.onlyContainers !== undefined) {
		// Nothing is recreated, so there is nothing to compare; and what Podman itself says is not in Docker's words.
		return { ...nothing, preconditions: [isClear], notes: notesOn(deployment) };
	}
	const groundFile = groundFileOf(procedure, chosen);
	const facts = await readPlanFacts(host, deployment, {
		becomes: byLabels ? { kind: 'same' } : (wanted?.becomes ?? { kind: 'same' }),
		image: wanted?.image,
		groundFile,
		environment: { ...environment, ...deploymentEnvironment(deployment) },
		signal,
	});
	const grounded: DeploymentPlan = {
		...nothing,
		preconditions: [isClear],
		ground: facts.ground,
		// The run checks the same file again.
		environment: { plan_ground: facts.ground, ...(groundFile !== undefined && { ground_file: groundFile }) },
		notes: notesOn(deployment),
	};
	if (wanted === undefined) {
		return grounded;
	}
	const change = { directory: target.directory, mainService, procedure, allowed, wanted, facts, grounded };
	const plan = byLabels ? planByLabels(change) : planChanges(change);
	const { changes = [] } = plan;
	const [written, ports] = await Promise.all([
		readWritten(host, deployment, facts.compared, changes, signal),
		readHeldPorts(host, deployment, facts.compared.containers, byLabels ? undefined : facts.after, changes, signal),
	]);
	return { ...plan, preconditions: [...plan.preconditions, ...ports], notes: [...plan.notes, ...written] };
};
