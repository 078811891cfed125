import { BackoutError } from '../../runbook/errors.ts';
import { type ClusterPlace, kubectlWords } from './place.ts';

/** Returns the plural names of the kinds that kubectl says this login may not read. */
export const forbiddenIn = (stderr: string): readonly string[] => [
	...new Set(
		stderr
			.split('\n')
			.filter((line) => /\(Forbidden\)/.test(line))
			.flatMap((line) => /cannot \w+ resource "([^"/]+)/.exec(line)?.[1] ?? []),
	),
];

const silent = 'the API server does not answer';

const explanations: readonly (readonly [pattern: RegExp, what: string, next: (words: string) => string])[] = [
	[
		/Unauthorized|provide credentials|must be logged in/i,
		'the cluster does not know this login',
		(words) => `Its token or certificate may have expired: ${words} get pods shows it; then log in again.`,
	],
	[
		/x509|certificate/i,
		"the API server's certificate, or that of this login, is not accepted",
		(words) => `See what kubectl says: ${words} version; its kubeconfig may be that of another cluster.`,
	],
	[
		/context .*does not exist|no context exists|context was not found/i,
		'the kubeconfig has no such context',
		() => 'Set kubernetes.context of this target to one of: kubectl config get-contexts.',
	],
	[
		/stat .*no such file|error loading config file|invalid configuration|no configuration has been provided/i,
		'kubectl has no usable kubeconfig',
		() => 'Set kubernetes.kubeconfig of this target to its path on the host.',
	],
	[
		/connection (?:to the server )?.*refused|was refused|no route to host|i\/o timeout|Unable to connect|deadline exceeded|Client\.Timeout|no such host|EOF|TLS handshake timeout|connection reset|ServiceUnavailable|etcdserver/i,
		silent,
		(words) =>
			`Look at the API server: ${words} get --raw /readyz. What runs goes on meanwhile; nothing can be changed.`,
	],
];

/** Returns an error for what kubectl said, with what an operator can do about it. */
export const explainKubectl = (
	host: string,
	what: string,
	said: string,
	code: number,
	place: ClusterPlace,
	missing: readonly string[] = [],
): BackoutError => {
	const words = kubectlWords(place);
	if (missing.length > 0) {
		return new BackoutError('failed', `${what}: this login may not list ${missing.join(', ')}`, {
			host,
			next: `Let it get, list and watch them in the namespace ${place.namespace}: ${words} auth can-i --list shows what it may.`,
			output: said,
		});
	}
	if (code === 127) {
		return new BackoutError('failed', `${what}: there is no kubectl on the host`, {
			host,
			next: 'Install kubectl on the host, or set path of this target to the folder that it is in.',
			output: said,
		});
	}
	const isSilent = code === 124 || code === 137;
	const found = explanations.find(([pattern, what]) => (isSilent ? what === silent : pattern.test(said)));
	const reason = isSilent
		? 'it was asked, and said nothing before the time was over'
		: said.replace(/^error: /i, '').replace(/ - did you specify the right host or port\?$/, '') ||
			`kubectl ended with exit code ${code}`;
	return new BackoutError('failed', found === undefined ? `${what}: ${reason}` : `${what}: ${found[1]} (${reason})`, {
		host,
		next: found?.[2](words) ?? `See what kubectl says on the host: ${words} get pods.`,
		output: said,
	});
};
