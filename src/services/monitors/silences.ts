import { BackoutError } from '../../runbook/errors.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { SilenceDefinition } from '../../runbook/runbook.ts';
import type { PlannedSilence } from '../../runbook/silence.ts';
import type { Host } from '../host/host.ts';
import { type ProbeAnswer, probe } from './probe.ts';

// Alertmanager's API v2: POST /api/v2/silences takes a `postableSilence` (matchers, startsAt, endsAt, createdBy, comment, and the id of
// one to change) and answers {"silenceID"}; GET and DELETE /api/v2/silence/{id} read it and end it
// (github.com/prometheus/alertmanager, api/v2/openapi.yaml).

const maxBytes = 64 * 1024;

/** The author and the comment of a silence. */
export interface SilenceWords {
	readonly createdBy: string;
	readonly comment: string;
}

const ask = (
	host: Host,
	{ url, request, timeoutMs }: SilenceDefinition,
	path: string,
	more: { readonly method?: 'POST' | 'DELETE'; readonly body?: string; readonly signal?: AbortSignal },
): Promise<ProbeAnswer> =>
	probe(host, { ...request, timeoutMs, maxBytes, url: `${url.replace(/\/+$/, '')}/api/v2/${path}`, ...more });

const refusal = (what: string, { status, body }: ProbeAnswer): BackoutError =>
	new BackoutError('failed', `Alertmanager answered ${what} with status ${status}: ${body.toString('utf8', 0, 200)}`);

const parsed = (body: Buffer): Record<string, unknown> => {
	try {
		const value: unknown = JSON.parse(body.toString('utf8'));
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
};

/** Alertmanager's time, which need not be this machine's, ms since the epoch: a silence that ends in its past is refused. */
const clockOf = ({ headers }: ProbeAnswer): number => Date.parse(headers.date ?? '') || Date.now();

const post = async (
	host: Host,
	definition: SilenceDefinition,
	silence: object,
	signal?: AbortSignal,
): Promise<string> => {
	const answer = await ask(host, definition, 'silences', { method: 'POST', body: JSON.stringify(silence), signal });
	const { silenceID: id } = parsed(answer.body);
	if (answer.status !== 200 || typeof id !== 'string') {
		throw refusal('a silence', answer);
	}
	return id;
};

/** Silences the alerts of a plan from now on, and returns the silence's id. Throws BackoutError. */
export const createSilence = async (
	host: Host,
	definition: SilenceDefinition,
	{ matchers, seconds }: PlannedSilence,
	words: Masked<SilenceWords>,
	signal?: AbortSignal,
): Promise<string> => {
	const now = clockOf(await ask(host, definition, 'status', { signal }));
	return post(
		host,
		definition,
		{
			...words,
			matchers,
			startsAt: new Date(now).toISOString(),
			endsAt: new Date(now + seconds * 1000).toISOString(),
		},
		signal,
	);
};

/**
 * Extends a silence by its whole length from now on. Everything else is sent back as Alertmanager gave it: with another `startsAt` it
 * would end this silence and create a new one. Returns false when it has ended, by its time or by somebody.
 */
export const extendSilence = async (
	host: Host,
	definition: SilenceDefinition,
	id: string,
	seconds: number,
	signal?: AbortSignal,
): Promise<boolean> => {
	const answer = await ask(host, definition, `silence/${encodeURIComponent(id)}`, { signal });
	if (answer.status === 404) {
		return false;
	}
	if (answer.status !== 200) {
		throw refusal('for the silence', answer);
	}
	const { matchers, startsAt, createdBy, comment, status } = parsed(answer.body);
	if ((status as { state?: unknown } | undefined)?.state === 'expired') {
		return false;
	}
	const endsAt = new Date(clockOf(answer) + seconds * 1000).toISOString();
	await post(host, definition, { id, matchers, startsAt, endsAt, createdBy, comment }, signal);
	return true;
};

/** Ends a silence; one that has ended already is no error. */
export const endSilence = async (
	host: Host,
	definition: SilenceDefinition,
	id: string,
	signal?: AbortSignal,
): Promise<void> => {
	const path = `silence/${encodeURIComponent(id)}`;
	const answer = await ask(host, definition, path, { method: 'DELETE', signal });
	if (answer.status === 200 || answer.status === 404) {
		return;
	}
	const now = await ask(host, definition, path, { signal });
	const { status } = parsed(now.body);
	if ((status as { state?: unknown } | undefined)?.state !== 'expired') {
		throw refusal('the end of the silence', answer);
	}
};
