import { engineLookOf } from '../application/fleet/choose-engine.ts';
import { openSession, type Session, type SessionOptions } from '../application/fleet/session.ts';
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

/** Returns a target for each of these hosts alone. */
const eachOf = ({ hosts: _, workers: __, ...target }: Target, names: readonly string[]): readonly Target[] =>
	names.map((host) => ({ ...target, host }));

/** The findings on one host. */
interface HostLook {
	readonly name: string;
	readonly findings: readonly Finding[];
	/** 3: it could not be reached or trusted; otherwise 0. */
	readonly code: number;
}

type LookAt = (session: Session, signal: AbortSignal) => Promise<readonly Finding[]>;

/** Returns the questions to a host by which the deployment is reached. */
const askHost =
	(channels: readonly Channel[]): LookAt =>
	async (session, signal) => {
		const { host, target } = session;
		const onHost = await checkHost(host, target, engineLookOf(target), signal);
		return [
			...onHost,
			...(await lookAtChannels(host, channels, signal)),
			// A failure above would be reported here again in other words.
			...(onHost.some(({ state }) => state === 'failed') ? [notChecked] : await checkPreconditions(session, signal)),
		];
	};

const askWorker: LookAt = async ({ host, target }, signal) => {
	const finding = await engineLookOf(target).worker?.(host, signal);
	return finding === undefined ? [] : [finding];
};

/** Checks one host. Throws what is no fault of the connection, and the signal's reason. */
const lookAt = async (
	target: Target,
	ask: LookAt,
	shared: Pick<SessionOptions, 'ask' | 'keys'>,
	signal: AbortSignal,
): Promise<HostLook> => {
	const session = openSession(target, { ...shared, retryFirst: false, readOnly: true });
	const { host } = session;
	try {
		const begun = performance.now();
		await host.ready(signal);
		const took = Math.round(performance.now() - begun);
		const findings: readonly Finding[] = [
			{ id: 'link', where: 'host', title: 'Link', state: 'ok', found: `up after ${took} ms` },
			...(await ask(session, signal)),
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
		const { hosts = [target.host], workers = [] } = target;
		const tellOf = ({ name, findings }: HostLook): void => {
			const named = hosts.length + workers.length === 1 ? {} : { host: name };
			tell(
				`${json ? '' : '\n'}${bold(safe(name))}`,
				findings.map((finding) => ({ ...finding, ...named })),
			);
		};
		for (const one of eachOf(target, hosts)) {
			const look = await lookAt(one, askHost(channels), shared, aborter.signal);
			codes.push(look.code);
			tellOf(look);
		}
		for (const one of eachOf(target, workers)) {
			const look = await lookAt(one, askWorker, shared, aborter.signal);
			// A run needs no worker.
			const findings = look.findings.map(
				(finding): Finding => ({ ...finding, ...(finding.state === 'failed' && { state: 'warn' }) }),
			);
			tellOf({ ...look, findings });
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
