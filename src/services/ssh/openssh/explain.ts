import { readFileSync } from 'node:fs';
import { BackoutError } from '../../../runbook/errors.ts';
import { droppedEarly, unreachable } from '../errors.ts';
import { sshCommand } from '../host-key-verifier.ts';
import { fingerprint, knownHostName, parseKnownHosts } from '../known-hosts.ts';
import { nextAfterRefusal } from '../next-move.ts';
import { address, type SshSettings } from '../settings.ts';

/** The results of ssh's questions. */
export interface Asked {
	/** True when there is somebody who can be asked. */
	readonly canAsk: boolean;
	/** The answered questions, as the end of "offered: …". */
	readonly answered: readonly string[];
}

/** Lines without information of their own: debugging, frames, and advice that is given better here. */
const noise =
	/^(debug\d: |@|\s|It is also possible|Someone could be|IT IS POSSIBLE|Please contact|Add correct host key|This could mean|impersonate|Connection (closed|reset) by UNKNOWN|Pseudo-terminal|Warning: Permanently added|\*\* )/;

const linesOf = (words: string): readonly string[] =>
	words
		.split(/\r?\n/)
		.map((line) => line.trimEnd())
		.filter((line) => line !== '');

/**
 * The connection is gone before both sides have said who they are. Which of them ssh says depends on whether it was reading or about to write then
 * (OpenSSH: kex_exchange_identification in kex.c, sshpkt_vfatal in packet.c).
 */
const goneEarly =
	/^(?:(?:kex|ssh)_exchange_identification: .*|banner exchange: Connection to \S+ port \d+: (?:Broken pipe|Connection reset by peer))$/;

/** Returns ssh's messages for a person: the last lines that are not for debugging. */
const plainWords = (lines: readonly string[]): string => {
	const said = lines.filter((line) => !noise.test(line)).map((line) => line.replace(/^ssh: /, ''));
	// A ProxyCommand's own message comes before the one that says only that the connection is gone.
	const telling = said.filter((line) => !goneEarly.test(line));
	return [...new Set(telling.length > 0 ? telling : said)].slice(-3).join('; ');
};

const lastMatch = (lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined => {
	for (const line of lines.toReversed()) {
		const match = pattern.exec(line);
		if (match) {
			return match;
		}
	}
	return undefined;
};

/** Returns the server that ssh mentioned last. With jump hosts it need not be the target. */
const serverOf = (lines: readonly string[], settings: SshSettings): string => {
	const at = lastMatch(lines, /^debug1: Authenticating to (\S+?):(\d+) as '(.+)'$/);
	if (at === undefined) {
		return address(settings);
	}
	const [, hostname = '', port, user = ''] = at;
	const shown = address({ hostname: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port), user });
	return shown === address(settings) ? shown : `the jump host ${shown}`;
};

/** Returns the fingerprint of the key in a line of a known_hosts file; undefined when it cannot be read. */
const fingerprintAt = (file: string, line: number): string | undefined => {
	try {
		const text = readFileSync(file, 'utf8').split('\n')[line - 1] ?? '';
		const [entry] = parseKnownHosts(text, file);
		return entry && fingerprint(Buffer.from(entry.key, 'base64'));
	} catch {
		return undefined;
	}
};

const hostKeyRefused = (lines: readonly string[], settings: SshSettings): BackoutError => {
	const server = serverOf(lines, settings);
	const [, presented = 'a key'] =
		lastMatch(lines, /^debug1: Server host (?:key|certificate): (\S+ SHA256:[^\s,]+)/) ?? [];
	const lax =
		settings.laxity === undefined
			? ''
			: ` (${settings.laxity} in the configuration of ssh is ignored: host keys are always checked)`;
	const refuse = (message: string, next: string) =>
		new BackoutError('untrusted', message + lax, { host: settings.destination, next, output: plainWords(lines) });
	const type = presented.startsWith('ssh-rsa') ? 'rsa' : presented.startsWith('ecdsa') ? 'ecdsa' : 'ed25519';
	const compare = `on the host's own console, \`ssh-keygen -lf /etc/ssh/ssh_host_${type}_key.pub\` must show this fingerprint`;
	if (lines.some((line) => /REVOKED HOST KEY|was revoked and|^Host key .* revoked by file /.test(line))) {
		return refuse(
			`the key that ${server} presented is revoked: ${presented}`,
			'Do not connect. Ask whoever runs the host which key it has now.',
		);
	}
	const offending = lastMatch(lines, /^Offending (?:\S+ )?key (?:for IP )?in (.+?):(\d+)$/);
	if (offending || lines.some((line) => /HOST IDENTIFICATION HAS CHANGED/.test(line))) {
		const where = offending ? `${offending[1]} line ${offending[2]}` : 'known_hosts';
		const known = fingerprintAt(offending?.[1] ?? '', Number(offending?.[2])) ?? 'another';
		return refuse(
			`the host key of ${server} HAS CHANGED: it presented ${presented}, but ${where} has ${known}. Somebody may be between you and the host, or it was set up anew`,
			`Ask whoever runs the host. Only if it was set up anew: \`ssh-keygen -R '${settings.hostKeyAlias ?? knownHostName(settings.hostname, settings.port)}' -f ${offending?.[1] ?? '~/.ssh/known_hosts'}\`, then \`${sshCommand(settings)}\`; ${compare}.`,
		);
	}
	const certificate = lastMatch(lines, /^(Certificate invalid: .+|No matching CA found.*)$/)?.[1];
	return refuse(
		`the host key of ${server} is not known: ${presented}${certificate ? ` (${certificate})` : ''}`,
		`Compare: ${compare}. Then run \`${sshCommand(settings)}\` and answer yes to the same fingerprint.`,
	);
};

/** Returns the keys that `Offering public key:` names, written as the ssh2 transport writes them. */
const offeredKeys = (lines: readonly string[]): readonly string[] =>
	lines.flatMap((line) => {
		const [, label, print, rest = ''] = /^debug1: Offering public key: (.*?) \S+ (SHA256:\S+)(.*)$/.exec(line) ?? [];
		return label === undefined ? [] : [`${/ agent\b/.test(rest) ? 'agent key' : 'key'} ${label} (${print})`];
	});

/** Returns facts about keys and the agent, written as the ssh2 transport writes them. */
const factsOf = (lines: readonly string[], settings: SshSettings): readonly string[] => {
	const facts = lines.flatMap((line) => {
		const [, path, why] =
			/^Warning: Identity file (.+?) not accessible: (.+?)\.?$/.exec(line) ??
			/^no such identity: (.+): (.+?)$/.exec(line) ??
			/^Load key "(.+)": (.+)$/.exec(line) ??
			[];
		if (path !== undefined) {
			const isUsual = settings.identityFiles.some((file) => file.path === path && !file.configured);
			const words = why === 'No such file or directory' ? 'it does not exist' : why;
			return isUsual && words !== why ? [] : [`${path} cannot be used (${words}).`];
		}
		const [, silent] = /^debug1: get_agent_identities: ssh_get_authentication_socket: (.+)$/.exec(line) ?? [];
		if (silent !== undefined) {
			return [`The agent at ${settings.agent} does not answer (${silent}).`];
		}
		return /^sign_and_send_pubkey: /.test(line) ? [`${line}.`] : [];
	});
	return [...new Set(facts)];
};

const loginRefused = (
	lines: readonly string[],
	tooMany: string | undefined,
	settings: SshSettings,
	{ canAsk, answered }: Asked,
): BackoutError => {
	const server = serverOf(lines, settings);
	const offered = [...new Set(offeredKeys(lines)), ...answered];
	const accepts = lastMatch(lines, /^debug1: Authentications that can continue: (.+)$/)?.[1]?.split(',');
	const [, unsigned] = lastMatch(lines, /^debug1: Server accepts key: (.*?) \S+ SHA256:/) ?? [];
	const locked = canAsk ? undefined : unsigned;
	const message = [
		`${server} rejected the login${tooMany ? ` (${tooMany})` : ''};`,
		offered.length === 0 ? 'no key or password could be offered.' : `offered: ${offered.join('; ')}.`,
		...(accepts === undefined ? [] : [`It accepts: ${accepts.join(', ')}.`]),
		...(locked === undefined ? [] : [`The key ${locked} needs a passphrase, and there is no terminal to ask for it.`]),
		...factsOf(lines, settings),
	].join(' ');
	return new BackoutError('untrusted', message, {
		host: settings.destination,
		next: nextAfterRefusal({ locked, user: settings.user, detail: tooMany }),
	});
};

/** ssh's messages about configuration that it cannot follow. */
const misconfigured =
	/Bad configuration option|Bad owner or permissions|terminating, \d+ bad configuration|command-line: line|command-line line|missing argument|unsupported option|Unsupported option|keyword .* extra arguments|Can't open user config file/;

/**
 * Says why ssh did not log in, in its own words as far as possible. `untrusted` for host keys and logins, `config` for things that ssh
 * cannot read or agree on, `unreachable` for the rest, which is retried.
 *
 * @param words ssh's standard error, at LogLevel DEBUG1
 */
export const explainRefusal = (words: string, settings: SshSettings, asked: Asked): BackoutError => {
	const lines = linesOf(words);
	const host = settings.destination;
	if (lines.some((line) => line === 'Host key verification failed.')) {
		return hostKeyRefused(lines, settings);
	}
	const tooMany = lastMatch(lines, /Too many authentication failures/);
	const denied = lastMatch(lines, /^(?:.+: )?Permission denied \(.*\)\.?$/);
	if (tooMany || denied) {
		return loginRefused(lines, tooMany?.[0], settings, asked);
	}
	const said = plainWords(lines);
	if (lines.some((line) => misconfigured.test(line))) {
		return new BackoutError('config', `ssh cannot read its configuration: ${said}`, {
			host,
			next: `Try it by hand: \`${sshCommand(settings)}\`.`,
		});
	}
	const negotiation = lastMatch(lines, /^Unable to negotiate with (.*)$/);
	if (negotiation) {
		return new BackoutError('config', `ssh cannot agree on algorithms with ${negotiation[1]}`, {
			host,
			next: 'Name one of those in ~/.ssh/config for this host, such as `HostKeyAlgorithms +ssh-rsa`, or update the SSH server.',
		});
	}
	const dropped = lastMatch(
		lines,
		/^(?:(?:kex|ssh)_exchange_identification: .*(?:[Cc]onnection (?:closed|reset)|MaxStartups|Not allowed at this time).*|banner exchange: .*: (?:Broken pipe|Connection reset by peer))$/,
	);
	// A ProxyCommand's own message says more.
	if (dropped && (goneEarly.test(said) || /^Connection (?:closed|reset) by \S+ port \d+$/.test(said))) {
		return droppedEarly(settings, lines.join(' '));
	}
	const why = /banner exchange|identification string|bad protocol version/i.test(said)
		? `it does not speak SSH: ${said}`
		: said || 'ssh ended without a word';
	return unreachable(settings, Object.assign(new Error(why), codeOf(said)));
};

const codes: readonly (readonly [RegExp, string])[] = [
	[/Connection refused$/, 'ECONNREFUSED'],
	[/Connection timed out$|Operation timed out$/, 'ETIMEDOUT'],
	[/No route to host$/, 'EHOSTUNREACH'],
	[/Network is unreachable$/, 'ENETUNREACH'],
];

/** Returns the code of a failure to connect, which selects the advice. Behind a jump host only the words tell it. */
const codeOf = (said: string): { readonly code?: string } => {
	if (/Could not resolve hostname/.test(said)) {
		return { code: /Temporary failure/.test(said) ? 'EAI_AGAIN' : 'ENOTFOUND' };
	}
	const code = /^connect to host/.test(said) ? codes.find(([pattern]) => pattern.test(said))?.[1] : undefined;
	return code === undefined ? {} : { code };
};
