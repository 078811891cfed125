import { expect, test } from 'vitest';
import { kindOfFile, loadConfig } from '../../src/services/runbook-file/load-config.ts';
import { filesOf, marked, problemsOf } from './problems.ts';

const runbooks = {
	compose:
		'title: Compose\nvariables: { port: 80 }\nlinks: [{ title: "${project}", url: "http://a:${port}${directory}" }]',
	'./mine.yaml': 'extends: compose\ntitle: Mine',
};
const load = (text: string) =>
	loadConfig(text, 'backout.yaml', { readRunbook: filesOf(runbooks), localPath: (path) => `/local/${path}` });

test('a target with everything, and one with only what it must have', () => {
	const { file, defaultTarget, targets } = load(`
default: b
targets:
  a:
    host: root@94.130.228.55
    directory: /srv/_My.Shop/
  b:
    host: ops@[2001:db8::1]:2222
    directory: /srv/shop
    project: other
    runbook: ./mine.yaml
    badge: production
    readOnly: true
    state: /var/lib/x
    identityFile: id
    knownHosts: known
    sshConfig: config
    jump: bastion
    runs: { output: 1.5MB, keepFor: 30d, freeSpace: 2GB }
    variables: { port: 08 }
`);
	expect(file).toBe('backout.yaml');
	expect(defaultTarget).toBe('b');
	expect(targets.map(({ runbook, ...rest }) => ({ ...rest, title: runbook.title, links: runbook.links }))).toEqual([
		{
			name: 'a',
			host: 'root@94.130.228.55',
			directory: '/srv/_My.Shop/',
			project: 'myshop',
			projectGiven: false,
			readOnly: false,
			ssh: {},
			title: 'Compose',
			links: [{ title: 'myshop', url: 'http://a:80/srv/_My.Shop/' }],
		},
		{
			name: 'b',
			host: 'ops@[2001:db8::1]:2222',
			directory: '/srv/shop',
			project: 'other',
			projectGiven: true,
			badge: 'production',
			readOnly: true,
			state: '/var/lib/x',
			runs: { outputBytes: 1_572_864, keepMs: 2_592_000_000, keepBytes: 1_073_741_824, freeBytes: 2_147_483_648 },
			ssh: { identityFile: '/local/id', knownHosts: '/local/known', configFile: '/local/config', jump: 'bastion' },
			title: 'Mine',
			links: [{ title: 'other', url: 'http://a:08/srv/shop' }],
		},
	]);
});

test('a stack has the name of its folder unless it is named, and its own runbook', () => {
	const asked: string[] = [];
	const text =
		'targets: { a: { host: h, directory: /srv/Shop, engine: swarm }, b: { host: h, directory: /d, engine: swarm, project: Big } }';
	const { targets } = loadConfig(text, 'backout.yaml', {
		readRunbook: (name) => {
			asked.push(name);
			return { text: 'title: Swarm', file: 'swarm.yaml' };
		},
	});
	expect(targets.map(({ engine, project, projectGiven }) => [engine, project, projectGiven])).toEqual([
		['swarm', 'Shop', false],
		['swarm', 'Big', true],
	]);
	expect(new Set(asked)).toEqual(new Set(['swarm']));
});

test('a deployment in a cluster is named by its namespace, or by that and its labels', () => {
	const asked: string[] = [];
	const text = `targets:
  a: { host: h, directory: /srv, engine: kubernetes, kubernetes: { namespace: shop } }
  b: { host: h, directory: /srv, engine: kubernetes, kubernetes: { namespace: shop, selector: app.kubernetes.io/instance=web, context: prod, kubeconfig: ~/.kube/prod } }`;
	const { targets } = loadConfig(text, 'backout.yaml', {
		readRunbook: (name) => {
			asked.push(name);
			return { text: 'title: Cluster', file: 'kubernetes.yaml' };
		},
	});
	expect(targets.map(({ engine, project, projectGiven }) => [engine, project, projectGiven])).toEqual([
		['kubernetes', 'shop', true],
		['kubernetes', 'shop/app.kubernetes.io/instance=web', true],
	]);
	expect(targets[1]?.kubernetes).toEqual({
		namespace: 'shop',
		selector: 'app.kubernetes.io/instance=web',
		context: 'prod',
		kubeconfig: '~/.kube/prod',
	});
	expect(new Set(asked)).toEqual(new Set(['kubernetes']));
});

test('a stack can be reached by several managers, in the order in which they are asked', () => {
	const text = 'targets: { a: { host: [m1, m2], directory: /d, engine: swarm }, b: { host: [m1], directory: /d } }';
	const { targets } = loadConfig(text, 'backout.yaml', { readRunbook: () => ({ text: 'title: T', file: 't.yaml' }) });
	expect(targets.map(({ host, hosts }) => [host, hosts])).toEqual([
		['m1', ['m1', 'm2']],
		['m1', undefined],
	]);
});

test('the first target is opened unless another is named', () => {
	expect(load('targets: { x: { host: h, directory: /d }, a: { host: h, directory: /d } }').defaultTarget).toBe('x');
});

const cases: readonly (readonly [name: string, text: string, ...messages: string[]])[] = [
	['nothing', '▶', 'expected a config: a mapping with targets'],
	['no targets', '▶default: a', '"targets" is missing'],
	[
		'channels: an unknown kind, a secret that is written down, a name, an event',
		`targets: { a: { host: h, directory: /d } }
notify:
  channels:
    a: { kind: ▶slak, url: { env: U } }
    b: { kind: slack, url: ▶'https://hooks.example.net/x' }
    c: { kind: ntfy, topic: { file: ▶topic } }
    d: { kind: mail, to: ▶ops }
    e: { kind: pagerduty, key: { env: K }, on: [▶start] }
    ▶f: { kind: telegram, token: { env: T } }
  lockHeldFor: ▶10`,
		'unknown kind "slak"; a channel\'s kind is one of: webhook, slack, discord, teams, ntfy, pagerduty, opsgenie, telegram, mail',
		'expected a secret: { env: NAME } or { file: /path/on/the/host }',
		'expected an absolute path on the host',
		'expected addresses with commas between them',
		'"start" is not one of: ended, waiting, lock, guard, unhealthy',
		'"chat" is missing; expected a secret: { env: NAME } or { file: /path/on/the/host }',
		'a duration has a unit: 500ms, 30s, 3m, 26h, 7d',
	],
	['an empty list of targets', 'targets: ▶{}', 'there must be at least one target'],
	[
		'sizes without a unit, or too small',
		'targets: { a: { host: h, directory: /d, runs: { output: ▶64, keepSize: ▶1GiB } } }',
		'a size has a unit: 512KB, 64MB, 1GB',
		'expected a size such as 512KB, 64MB or 1GB',
	],
	[
		'an unknown default',
		'default: ▶prod\ntargets: { production: { host: h, directory: /d } }',
		'unknown target "prod"; known targets: production',
	],
	[
		'what a target must have, and a slip, at once',
		'targets:\n  ▶a: { directory: /d, ▶hots: h }',
		'"host" is missing; expected [user@]host[:port], or a list of them',
		'unknown key "hots" in a target; did you mean "host"?',
	],
	[
		'a directory that is not absolute',
		'targets: { a: { host: h, directory: ▶srv } }',
		'expected an absolute path on the host',
	],
	[
		'a directory that gives no project name',
		'targets: { a: { host: h, directory: ▶/ } }',
		'this directory does not give a project name: set project',
	],
	[
		'an engine that is none',
		'targets: { a: { host: h, directory: /d, engine: ▶nomad } }',
		'"nomad" is not one of: compose, swarm, kubernetes',
	],
	[
		'a cluster without a namespace',
		'targets: { a: { host: h, directory: /d, engine: ▶kubernetes } }',
		'engine: kubernetes needs the namespace: add kubernetes: { namespace: NAME }',
	],
	[
		'a cluster with the keys of other engines, and others with those of a cluster',
		'targets:\n  a: { host: h, directory: /d, engine: kubernetes, ▶compose: { files: [x] }, ▶project: shop, kubernetes: { namespace: shop } }\n  b: { host: h, directory: /d, ▶kubernetes: { namespace: shop } }',
		'compose is not for engine: kubernetes, which has the workloads themselves',
		'project is not for engine: kubernetes: namespace and selector name the deployment',
		'kubernetes is for engine: kubernetes: set engine of this target',
	],
	[
		'a namespace, a selector, a context and a kubeconfig that are none',
		"targets: { a: { host: h, directory: /d, engine: kubernetes, kubernetes: { namespace: ▶Shop, selector: ▶-x, context: ▶'a b', kubeconfig: ▶kube } } }",
		'a namespace is made of a-z, 0-9 and -, begins and ends with a letter or digit, and has at most 63 characters',
		'expected a label selector such as app.kubernetes.io/instance=shop,tier!=test',
		'expected the name of a context, of letters, digits and . / : - _ @ + =',
		'expected a path on the host: absolute or beginning with ~/, without blanks',
	],
	[
		'a stack whose name is none, and what is for Compose alone',
		'targets:\n  a: { host: h, directory: /d, engine: swarm, project: ▶a.b, ▶compose: { files: [x] } }\n  b: { host: h, directory: ▶/d.d, engine: swarm }',
		'the name of a stack is made of letters, digits, - and _, and begins with a letter or digit',
		'compose is not for engine: swarm, which has the services themselves',
		'this directory does not give the name of a stack: set project',
	],
	[
		'hosts that are none',
		'targets:\n  a: { host: ▶-oProxyCommand=x, directory: /d }\n  b: { host: ▶a b, directory: /d }\n  c: { host: ▶"fe80::1", directory: /d }\n  d: { host: ▶"u@-x", directory: /d }',
		...Array(4).fill('expected [user@]host[:port] (an IPv6 address in brackets), a Host of ~/.ssh/config, or local'),
	],
	[
		'several hosts for an engine that has one, a host that is named twice, one that is none, and an empty list',
		'targets:\n  a: { ▶host: [h, i], directory: /d }\n  b: { host: [h, i, ▶h], directory: /d, engine: swarm }\n  c: { host: [h, ▶a b], directory: /d, engine: swarm }\n  d: { host: ▶[], directory: /d, engine: swarm }',
		'only engine: swarm has several hosts, its managers: name one',
		'the host h is named twice',
		'expected [user@]host[:port] (an IPv6 address in brackets), a Host of ~/.ssh/config, or local',
		'name at least one host',
	],
	[
		'workers of an engine that has none, and one that is also a manager',
		'targets:\n  a: { host: h, ▶workers: [i], directory: /d }\n  b: { host: [h, i], workers: [j, ▶i], directory: /d, engine: swarm }\n  c: { host: h, workers: [▶h], directory: /d, engine: swarm }',
		'workers is for engine: swarm: set engine of this target',
		'the host i is named twice',
		'the host h is named twice',
	],
	['a port that is none', 'targets: { a: { host: ▶"h:65536", directory: /d } }', 'a port is from 1 to 65535'],
	[
		'a project that Compose refuses',
		'targets: { a: { host: h, directory: /d, project: ▶Shop } }',
		'a Compose project is made of a-z, 0-9, - and _, and begins with a letter or digit',
	],
	[
		'a name of a target',
		'targets: { ▶"a b": { host: h, directory: /d } }',
		'a name is made of letters, digits, ".", - and _, and begins with a letter or digit',
	],
	[
		'a truth that is none',
		'targets: { a: { host: h, directory: /d, readOnly: ▶yes } }',
		'expected true or false, got a text',
	],
	[
		'an unknown runbook',
		'targets: { a: { host: h, directory: /d, runbook: ▶other } }',
		'cannot read the runbook "other": there is no such file',
	],
	[
		'a variable that the runbook does not have',
		'targets: { a: { host: h, directory: /d, variables: { ▶prot: 1 } } }',
		'the runbook has no variable "prot"; did you mean "port"?',
	],
	[
		'a variable of a target that makes no sense where the runbook uses it',
		'targets: { a: { host: h, directory: /d, variables: { port: "▶${ports}" } } }',
		'unknown variable "ports"; did you mean "port"?',
	],
];

test.each(cases)('%s', (_name, source, ...messages) => {
	const { text, places } = marked(source);
	expect(problemsOf(() => load(text))).toEqual(
		messages.map((message, index) => `backout.yaml:${places[index]}: ${message}`),
	);
});

test('a mistake of a runbook that two targets use is told once', () => {
	const read = filesOf({ compose: 'titel: x' });
	const text = 'targets: { a: { host: h, directory: /d }, b: { host: h, directory: /d } }';
	expect(problemsOf(() => loadConfig(text, 'backout.yaml', { readRunbook: read }))).toEqual([
		'compose.yaml:1:1: "title" is missing',
		'compose.yaml:1:1: unknown key "titel" in a runbook; did you mean "title"?',
	]);
});

test.each([
	['targets: {}', 'x.yaml', 'config'],
	['default: a', 'x.yaml', 'config'],
	['title: x', 'backout.yaml', 'runbook'],
	['targts: {}', '/etc/backout.yaml', 'config'],
	['', 'backout.yaml', 'config'],
	['a: [', 'x.yaml', 'runbook'],
	['', 'my-backout.yaml', undefined],
	['name: x', 'x.yaml', undefined],
	['- title: x', 'x.yaml', undefined],
])('%j in %s is a %s', (text, file, kind) => {
	expect(kindOfFile(text, file)).toBe(kind);
});
