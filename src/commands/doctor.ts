import { engineLookOf } from '../application/fleet/choose-engine.ts';
import { openSession, type SessionOptions } from '../application/fleet/session.ts';
import { checkPreconditions } from '../application/plans/doctor-preconditions.ts';
import type { Channel } from '../runbook/channels/channel.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { Finding, FindingState } from '../runbook/finding.ts';
import { withOwnCommands } from '../runbook/own-command.ts';
import type { Target } from '../runbook/runbook.ts';
import { lookAtChannels, lookAtChannelValues } from '../services/doctor/channels.ts';
import { lookHere } from '../services/doctor/client.ts';
import { checkHost } from '../services/doctor/host.ts';
import { createKeyRing } from '../services/ssh/keys.ts';
import { askOperator } from './ask-operator.ts';
import { type GlobalOptions, openTarget } from './context.ts';
import { exitCodeOf } from './exit-code.ts';
import { bold, dim, glyph, masked, print, printJson, safe } from './print.ts';

const signs: Readonly<Record<FindingState, Parameters<typeof glyph>[0]>> = {
	ok: 'ok',
	warn: 'warn',
	failed: 'failed',
	unknown: 'unknown',
};

const show = ({ title, state, found, fix }: Finding): void => {
	const word = state === 'ok' ? '' : ` ${state === 'warn' ? 'warning' : state}:`;
	print(`${glyph(signs[state])} ${bold(title)}:${word} ${safe(found)}`);
	if (state !== 'ok' && fix !== undefined) {
		print(`    ${dim('fix:')} ${safe(withOwnCommands(fix))}`);
	}
};

/** Returns the finding for a failed connection: everything after it is unknown. */
const linkFinding = (error: BackoutError): Finding => ({
	id: 'link',
	where: 'host',
	title: 'Link',
	state: 'failed',
	found: error.message,
	fix: error.next ?? 'Is the host up?',
});

const notChecked: Finding = {
	id: 'preconditions',
	where: 'host',
	title: 'Preconditions',
	state: 'unknown',
	found: 'not checked',
	fix: 'Fix what failed above, then run this again.',
};

/** Returns a target for each host by which the deployment can be reached. */
const eachHost = ({ hosts, ...target }: Target): readonly Target[] =>
	(hosts ?? [target.host]).map((host) => ({ ...target, host }));

/** The findings on one host. */
interface HostLook {
	readonly name: string;
	readonly findings: readonly Finding[];
	/** 3: it could not be reached or trusted; otherwise 0. */
	readonly code: number;
}

/** Checks one host. Throws what is no fault of the connection, and the signal's reason. */
const lookAt = async (
	target: Target,
	channels: readonly Channel[],
	shared: Pick<SessionOptions, 'ask' | 'keys'>,
	signal: AbortSignal,
): Promise<HostLook> => {
	const session = openSession(target, { ...shared, retryFirst: false, readOnly: true });
	const { host } = session;
	try {
		const begun = performance.now();
		await host.ready(signal);
		const took = Math.round(performance.now() - begun);
		const onHost = await checkHost(host, target, engineLookOf(target), signal);
		const findings: readonly Finding[] = [
			{ id: 'link', where: 'host', title: 'Link', state: 'ok', found: `up after ${took} ms` },
			...onHost,
			...(await lookAtChannels(host, channels, signal)),
			// A failure above would be reported here again in other words.
			...(onHost.some(({ state }) => state === 'failed') ? [notChecked] : await checkPreconditions(session, signal)),
		];
		return { name: host.name, findings, code: 0 };
	} catch (error) {
		const known = signal.aborted ? signal.reason : error;
		if (!(known instanceof BackoutError) || exitCodeOf[known.code] !== 3) {
			throw known;
		}
		return { name: host.name, findings: [linkFinding(known)], code: 3 };
	} finally {
		await session.close();
	}
};

/**
 * `backout doctor`: checks that this machine and the host have everything a run will need. Every problem comes with its remedy. Exit
 * code 0 when nothing failed, 1 when something did, 3 when the host, or each of several, could not be reached or trusted.
 */
export const doctor = async (globals: GlobalOptions, options: { readonly json?: boolean }): Promise<number> => {
	const { config, target } = await openTarget(globals);
	const channels = config.notify?.channels ?? [];
	const json = options.json === true;
	const all: Finding[] = [];
	const tell = (heading: string, findings: readonly Finding[]) => {
		all.push(...findings);
		if (json) {
			for (const finding of findings) printJson(masked({ type: 'finding', ...finding }));
			return;
		}
		if (heading !== '') print(heading);
		findings.forEach(show);
	};

	const size = process.stdout.isTTY
		? { columns: process.stdout.columns, rows: process.stdout.rows, colourDepth: process.stdout.getColorDepth() }
		: undefined;
	tell(bold('Here'), [
		{ id: 'config', where: 'here', title: 'Config', state: 'ok', found: config.file },
		...(await lookHere(target, { env: process.env, nodeVersion: process.version, ...(size && { terminal: size }) })),
		...lookAtChannelValues(channels),
	]);

	const aborter = new AbortController();
	const stop = () => aborter.abort(new BackoutError('cancelled', 'stopped by the operator'));
	process.once('SIGINT', stop);
	const mayAsk = process.stdin.isTTY === true && process.stderr.isTTY === true;
	const shared = { keys: createKeyRing(), ...(mayAsk && { ask: askOperator }) };
	const codes: number[] = [];
	try {
		for (const one of eachHost(target)) {
			const { name, findings, code } = await lookAt(one, channels, shared, aborter.signal);
			const named = target.hosts === undefined ? {} : { host: name };
			codes.push(code);
			tell(
				`${json ? '' : '\n'}${bold(safe(name))}`,
				findings.map((finding) => ({ ...finding, ...named })),
			);
		}
	} finally {
		process.off('SIGINT', stop);
	}
	const code = Math.min(...codes);
	const failed = all.filter(({ state }) => state === 'failed').length;
	const warned = all.filter(({ state }) => state === 'warn' || state === 'unknown').length;
	const verdict = failed > 0 ? 'failed' : 'ok';
	if (json) {
		printJson(masked({ type: 'doctor', verdict, failed, warned }));
	} else {
		print();
		print(
			failed > 0
				? `${glyph('failed')} ${bold(`${failed} ${failed === 1 ? 'problem' : 'problems'}`)} to fix first`
				: `${glyph('ok')} ${bold('Ready for a run')}${warned > 0 ? `; ${warned} ${warned === 1 ? 'warning' : 'warnings'}` : ''}`,
		);
	}
	return code === 0 && failed > 0 ? 1 : code;
};
