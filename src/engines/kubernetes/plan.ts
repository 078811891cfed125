import type { DeploymentPlan, DeploymentQuestion } from '../../engine/deployment.ts';
import type { PlanChange, Precondition } from '../../runbook/plan.ts';
import { isEmergency } from '../../runbook/risk.ts';
import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import { gitAsOwner } from '../../services/runner/host/git-as-owner.ts';
import { locateState, type StateOptions, stateValues } from '../../services/runner/host/state-folder.ts';
import type { ClusterIdentity } from './deployment.ts';
import { kubernetesShell } from './shell.ts';

const cleared = { id: 'deployment', title: 'The deployment is identified' };

/** The precondition that it is clear what is deployed, and that the API server answers. */
const clear = ({ project, unknown, workloads }: ClusterIdentity): Precondition =>
	unknown !== undefined
		? { ...cleared, state: 'unknown', detail: unknown }
		: workloads === 0
			? { ...cleared, state: 'failed', detail: `the cluster has no workload of ${project}` }
			: { ...cleared, state: 'passed', detail: `${project}, ${workloads} workloads` };

/** Returns an input's file that the plan rests on. */
const groundFileOf = ({ procedure, chosen }: DeploymentQuestion): string | undefined =>
	procedure.inputs
		.filter(({ type }) => type === 'file')
		.map(({ name }) => chosen[name]?.replace(/^env:/, ''))
		.find((value) => value?.startsWith('/'));

/** Sets `state_dir`, the folder with the history of deployments; empty when there is none yet. */
const setStateFolder = `state_dir=$(${locateState}
locate_state 2>/dev/null
printf %s "$state")
export state_dir`;

/** Prints the ground, after a line of its own what happens to each workload by the values of the inputs, and after another the notes. */
const script = `${kubernetesShell.printGround}
echo "$changes_mark"
plan_changes || exit
echo "$notes_mark"
plan_notes`;
const changesMark = '--- changes';
const notesMark = '--- notes';

interface Ground {
	readonly ground: string;
	/** Workload, `recreate` or `keep`, and why, separated by tabs, a line each; empty when the procedure rolls nothing back. */
	readonly changes: readonly string[];
	/** Sentences that the plan says. */
	readonly notes: readonly string[];
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** Reads what the plan rests on, on the host, in the form in which the first step of its run compares it. */
const readGround = async (
	host: Host,
	place: StateOptions,
	environment: Readonly<Record<string, string>>,
	signal: AbortSignal | undefined,
): Promise<Ground> => {
	const { stdout } = await runScript(host, script, {
		purpose: 'say what is deployed',
		prelude: [gitAsOwner, kubernetesShell.scriptFunctions, 'enter_folder || exit 111', setStateFolder],
		environment: { ...environment, ...stateValues(place), changes_mark: changesMark, notes_mark: notesMark },
		signal,
		timeoutMs: 60_000,
	});
	const [ground = '', rest = ''] = stdout.split(`${changesMark}\n`);
	const [changes = '', notes = ''] = rest.split(`${notesMark}\n`);
	return { ground: ground.trimEnd(), changes: linesOf(changes), notes: linesOf(notes) };
};

const toChange = (line: string): PlanChange => {
	const [service = '', action = '', why = ''] = line.split('\t');
	return action === 'recreate'
		? { service, action, interrupted: true, why: [why] }
		: { service, action: 'keep', why: why === '' ? [] : [why] };
};

/**
 * Finds out what is deployed and, for a procedure that gives a workload another revision, what would change. Changes nothing. Throws
 * `unreachable`, and `failed` if the host cannot say what is deployed.
 */
export const planKubernetes = async (
	host: Host,
	place: StateOptions,
	identity: ClusterIdentity,
	question: DeploymentQuestion,
): Promise<DeploymentPlan> => {
	const { procedure, chosen, environment, signal } = question;
	const { workloads: _, ...deployment } = identity;
	const nothing = { deployment, environment: {}, preconditions: [], notes: [] };
	if (procedure.steps.length === 0 || procedure.risk === 'read-only') {
		return nothing;
	}
	const isClear = clear(identity);
	if (isEmergency(procedure)) {
		// An unknown deployment is kept from being stopped by the API server's own answer.
		return isClear.state === 'failed' ? { ...nothing, preconditions: [isClear] } : nothing;
	}
	if (isClear.state !== 'passed') {
		return { ...nothing, preconditions: [isClear] };
	}
	const groundFile = groundFileOf(question);
	const named = { ...environment, ...chosen, ...deployment.environment, ground_file: groundFile ?? '' };
	const { ground, changes, notes } = await readGround(host, place, named, signal);
	return {
		...nothing,
		preconditions: [isClear],
		ground,
		notes,
		// The run checks the same file again.
		environment: { plan_ground: ground, ...(groundFile !== undefined && { ground_file: groundFile }) },
		...(changes.length > 0 && { changes: changes.map(toChange) }),
	};
};
