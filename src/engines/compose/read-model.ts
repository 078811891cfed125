import type { DeploymentOptions } from '../../engine/deployment.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import { orAbort } from '../../services/host/sleep.ts';
import {
	type Deployment,
	type DeploymentTarget,
	findDeployment,
	identityQuestion,
	parseDeployment,
} from './deployment.ts';
import modelScript from './model.sh';
import { type ComposeModel, parseModel } from './model.ts';

/** Compose's model of a deployment's files, or the reason why it is not known. */
export type ModelAnswer =
	| { readonly model: ComposeModel; readonly deployment: Deployment; readonly unreadable?: undefined }
	| { readonly model?: undefined; readonly deployment?: Deployment; readonly unreadable: string };

/** Lines of NAME TAB VALUE, then the model. */
const modelLine = '\nmodel\n';

const answerOf = (target: DeploymentTarget, stdout: string): ModelAnswer => {
	const text = `\n${stdout}`;
	const at = text.indexOf(modelLine);
	const deployment = parseDeployment(target, at < 0 ? text : text.slice(0, at));
	const unreadable = deployment.unknown ?? deployment.unreadable ?? deployment.conflicts[0];
	if (unreadable !== undefined) {
		return { deployment, unreadable };
	}
	try {
		return { deployment, model: parseModel(at < 0 ? '' : text.slice(at + modelLine.length)) };
	} catch (error) {
		return { deployment, unreadable: messageOf(error) };
	}
};

/**
 * Asks the host what the deployment is and how Compose reads its files. Rejects only with the signal's reason: unreadable files (a
 * broken .env) and a deployment that contradicts itself are answers.
 */
const readModel = async (host: Host, target: DeploymentTarget, signal?: AbortSignal): Promise<ModelAnswer> => {
	const { script, environment } = identityQuestion(target);
	try {
		const { stdout, truncated } = await runScript(host, 'print_model', {
			purpose: 'run docker compose config',
			prelude: [script, modelScript],
			environment,
			anyExit: true,
			signal,
			timeoutMs: 60_000,
		});
		if (truncated) {
			return { unreadable: 'the output of docker compose config is too long' };
		}
		return answerOf(target, stdout);
	} catch (error) {
		signal?.throwIfAborted();
		return { unreadable: messageOf(error) };
	}
};

interface Memory {
	readonly at: number;
	readonly answer: Promise<ModelAnswer>;
	/** The ground of the answer; undefined until a caller has given it. */
	ground?: string;
}

const memories = new WeakMap<Host, WeakMap<DeploymentTarget, Memory>>();

const memoriesOf = (host: Host): WeakMap<DeploymentTarget, Memory> => {
	const known = memories.get(host) ?? new WeakMap<DeploymentTarget, Memory>();
	memories.set(host, known);
	return known;
};

/** Lifetime of an answer while nothing is seen to change, ms. It comes from files, and no event announces a change of those. */
const modelFreshMs = 180_000;
/** Lifetime of an answer that something is not known, ms: it may soon be known. */
const unreadableFreshMs = 30_000;

/** The conditions for reusing an answer. */
export interface ModelOptions {
	readonly signal?: AbortSignal;
	/**
	 * The caller's view of what an answer rests on: the containers, the commit. An answer that rests on something else is not used.
	 * Undefined: not known yet.
	 */
	readonly ground?: string;
	/** The maximum age of an answer that is reused, ms; 0: never reuse one. Default: `modelFreshMs`. */
	readonly maxAgeMs?: number;
}

/** Like `readModel`, but callers share an answer while the ground is the same, by connection and target. */
export const modelOf = (
	host: Host,
	target: DeploymentTarget,
	{ signal, ground, maxAgeMs = modelFreshMs }: ModelOptions = {},
): Promise<ModelAnswer> => {
	const known = memoriesOf(host);
	const before = known.get(target);
	if (before !== undefined && performance.now() - before.at < maxAgeMs) {
		const same = ground === undefined || before.ground === undefined || before.ground === ground;
		if (same) {
			before.ground ??= ground;
			return orAbort(before.answer, signal);
		}
	}
	// All callers share this request: one that gives up does not end it for the others.
	const answer = readModel(host, target);
	const mine: Memory = { at: performance.now(), answer, ground };
	known.set(target, mine);
	const forget = () => {
		if (known.get(target) === mine) {
			known.delete(target);
		}
	};
	answer.then(({ unreadable }) => {
		if (unreadable !== undefined) {
			setTimeout(forget, unreadableFreshMs).unref();
		}
	}, forget);
	return orAbort(answer, signal);
};

/** Drops the cached answer for a deployment, after a run or when its commit has changed. */
export const forgetModel = (host: Host, target: DeploymentTarget): void => {
	memoriesOf(host).delete(target);
};

/** Lifetime of a deployment for scripts that only read, ms. */
const deploymentFreshMs = 30_000;

/**
 * Like `findDeployment`, but callers share what is known of the model, which costs no more: every script on the host that asks for the one
 * has the other. What the host did not say is asked again.
 */
export const deploymentOf = async (
	host: Host,
	target: DeploymentTarget,
	{ signal, fresh = false }: DeploymentOptions = {},
): Promise<Deployment> => {
	const { deployment } = await modelOf(host, target, { signal, maxAgeMs: fresh ? 0 : deploymentFreshMs });
	return deployment === undefined || deployment.unknown !== undefined
		? findDeployment(host, target, signal)
		: deployment;
};
