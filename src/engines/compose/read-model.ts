import { messageOf } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import { orAbort } from '../../services/host/sleep.ts';
import { type Deployment, type DeploymentTarget, identityQuestion, parseDeployment } from './deployment.ts';
import modelScript from './model.sh';
import { type ComposeModel, parseModel } from './model.ts';

/** What Compose makes of a deployment's files, or why that is not known. */
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
 * Asks the host what the deployment is and what Compose makes of its files. Rejects only with the signal's reason: files
 * that cannot be read (a broken .env), or a deployment that contradicts itself, are an answer.
 */
export const readModel = async (host: Host, target: DeploymentTarget, signal?: AbortSignal): Promise<ModelAnswer> => {
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
	/** What it rested on; undefined until somebody has said it. */
	ground?: string;
}

const memories = new WeakMap<Host, WeakMap<DeploymentTarget, Memory>>();

const memoriesOf = (host: Host): WeakMap<DeploymentTarget, Memory> => {
	const known = memories.get(host) ?? new WeakMap<DeploymentTarget, Memory>();
	memories.set(host, known);
	return known;
};

/** For how long an answer serves while nothing is seen to change. What is read there are files, and nobody tells of those. */
export const modelFreshMs = 180_000;
/** An answer that something is not known may be another one soon. */
const unreadableFreshMs = 30_000;

/** Where the model is asked for. */
export interface ModelOptions {
	readonly signal?: AbortSignal;
	/**
	 * What the caller sees of that on which an answer rests: the containers, the commit. An answer of another ground is not
	 * used. Undefined: not known yet.
	 */
	readonly ground?: string;
	/** An answer that is older is asked for anew, ms; 0: any. Default: `modelFreshMs`. */
	readonly maxAgeMs?: number;
}

/** Like `readModel`, but shared by all callers while the ground is the same, by connection and target. */
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
	// For all who ask: one that gives up does not end it for the others.
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

/** Drops what is remembered of a deployment: a run has ended, or its commit is another one. */
export const forgetModel = (host: Host, target: DeploymentTarget): void => {
	memoriesOf(host).delete(target);
};
