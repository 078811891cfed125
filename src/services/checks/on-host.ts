import type { HttpExpectation, HttpRequest } from '../../runbook/runbook.ts';

/** How a guard on the host asks a check by itself, with nothing but a shell. */
export interface HostQuestion {
	/** The shell function that asks: see ask.sh and judge.sh of the runner's guard. */
	readonly ask: 'ask_containers' | 'ask_http' | 'ask_tcp' | 'ask_script';
	/** What the function reads, by name. */
	readonly values: Readonly<Record<string, string>>;
	/** Time limit of one question, s. */
	readonly seconds: number;
	/** Interval while the check passes, s, if it has one of its own. */
	readonly intervalSeconds?: number;
	/** The part of the check that the host leaves out, in words. */
	readonly without?: string;
}

/** A service as a guard on the host expects it. */
export interface ExpectedOnHost {
	readonly service: string;
	readonly replicas: number;
	/** What the end of a container with exit code 0 means. */
	readonly kind: 'serves' | 'job' | 'ends' | 'unclear';
}

/** What is on the host to ask with. */
export interface HostMeans {
	readonly hasCurl: boolean;
	/** True when it has a program that connects to a TCP port (relay.sh). */
	readonly hasRelay: boolean;
	/** What should run; a text: why that is not known. */
	readonly expected: readonly ExpectedOnHost[] | string;
	/** The engine's function that says whether services are what they should be (`EngineShell.converged`). */
	readonly converged?: string;
}

/** The lines that judge.sh reads. */
export const expectedLines = (expected: readonly ExpectedOnHost[]): string =>
	expected.map(({ service, replicas, kind }) => `${service}\t${replicas}\t${kind}`).join('\n');

/**
 * Translates a regular expression for `grep -E`; undefined where the two could disagree. Lines, classes of whitespace and anchors mean
 * something else to a program that reads line by line, and a service must not be rolled back because of that. A dot matches at least what
 * it matches in JavaScript: without the right locale a letter is several bytes to grep.
 */
export const asExtended = (pattern: string): string | undefined => {
	const known = /^(?:[\w "',:;=<>@#%&~`!-]|\\[./{}[\]()+*?|^$\\]|\[[\w-]+\]|[.()|]|[*+?](?![*+?]))+$/;
	return known.test(pattern) && !pattern.includes('(?')
		? pattern.replaceAll(/\\.|\.([*+?]?)/g, (found, after: string | undefined) =>
				after === undefined ? found.replace('\\/', '/') : after === '' || after === '+' ? '.+' : '.*',
			)
		: undefined;
};

/** Writes a status as a pattern of `case`: `2xx` is `2??`. */
const statusPatterns = (status: HttpExpectation['status']): string =>
	[status]
		.flat()
		.map((one) => String(one).replaceAll('x', '?'))
		.join(' ');

interface HttpDefinition extends Partial<HttpRequest> {
	readonly url: string;
	readonly expect: HttpExpectation;
	readonly timeoutMs: number;
	readonly share?: unknown;
}

/** Returns why the host cannot make a request like that; undefined when it can. */
const notFromHost = (
	{ url, through, headers = {}, ca, servername, fingerprint, socket, share }: HttpDefinition,
	{ hasCurl, hasRelay }: HostMeans,
) => {
	if (through === 'direct') {
		return 'its requests are made from this machine';
	}
	if (share !== undefined) {
		return 'it judges a share of many requests';
	}
	if (ca !== undefined || servername !== undefined || fingerprint !== undefined) {
		return 'it trusts a certificate of this machine';
	}
	if (Object.values(headers).some((value) => typeof value !== 'string')) {
		return 'a header has its value from this machine';
	}
	if (hasCurl) {
		return undefined;
	}
	return url.startsWith('https:') || socket !== undefined
		? 'the host has no curl'
		: hasRelay
			? undefined
			: 'the host has neither curl nor another program that connects';
};

/** How the host makes the request of an `http` check; a text: why it cannot. */
export const httpOnHost = (definition: HttpDefinition, means: HostMeans): HostQuestion | string => {
	const why = notFromHost(definition, means);
	if (why !== undefined) {
		return why;
	}
	const { url, headers = {}, socket, expect, timeoutMs } = definition;
	const { hostname, port, host, pathname, search } = new URL(url);
	const body = expect.body === undefined ? '' : asExtended(expect.body);
	const without = [
		...(body === undefined ? ['its body'] : []),
		...(expect.headers === undefined ? [] : ['its headers']),
		...(expect.within === undefined ? [] : ['its response time']),
	];
	const hasHost = Object.keys(headers).some((name) => name.toLowerCase() === 'host');
	return {
		ask: 'ask_http',
		values: {
			url,
			host: hostname.replaceAll(/[[\]]/g, ''),
			port: port === '' ? '80' : port,
			path: `${pathname}${search}`,
			authority: hasHost ? '' : host,
			headers: Object.entries(headers)
				.map(([name, value]) => `${name}: ${value}\n`)
				.join(''),
			socket: socket ?? '',
			status: statusPatterns(expect.status),
			body: body ?? '',
		},
		seconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
		...(without.length > 0 && { without: without.join(', ') }),
	};
};

/** How the host connects for a `tcp` check; a text: why it cannot. */
export const tcpOnHost = (
	{
		address,
		through,
		timeoutMs,
		greeting,
	}: {
		readonly address: string;
		readonly through: string;
		readonly timeoutMs: number;
		readonly greeting?: string | undefined;
	},
	{ hasCurl }: HostMeans,
): HostQuestion | string =>
	through === 'direct'
		? 'it connects from this machine'
		: hasCurl
			? {
					ask: 'ask_tcp',
					values: { address },
					seconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
					...(greeting !== undefined && { without: 'its greeting' }),
				}
			: 'the host has no curl';
