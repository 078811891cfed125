import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Host } from '../../kubernetes/harness/shell.ts';
import { openHost } from '../../kubernetes/harness/shell.ts';
import { openPlayedCluster, type PlayedCluster } from './played-cluster.ts';

let cluster: PlayedCluster;
let host: Host;
beforeEach(() => {
	cluster = openPlayedCluster();
	host = openHost('shop', cluster.environment);
});
afterEach(() => {
	host.remove();
	cluster.close();
});

test.for([
	[
		'Error from server (Forbidden): deployments.apps is forbidden: User "ana" cannot list resource "deployments" in API group "apps" in the namespace "shop"',
		'the API server answers, and forbids it: User "ana" cannot list resource "deployments" in API group "apps" in the namespace "shop". Give this user a Role there; kubectl auth can-i --list --namespace shop says what it may do',
	],
	[
		'error: You must be logged in to the server (Unauthorized)',
		'the API server answers, and does not know the user of kubectl: its token or certificate may have expired. Log in again on the host',
	],
	['Error from server (NotFound): namespaces "shop" not found', 'the API server answers, and has no namespace shop'],
	[
		'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?',
		'the API server does not answer for the namespace shop: The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?',
	],
] as const)('a precondition tells a server that refuses from one that is silent: %s', async ([refusal, told]) => {
	cluster.set('refusal', refusal);
	expect(await host.run('look_cluster')).toEqual({ code: 1, text: told });
});
