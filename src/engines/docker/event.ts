import type { InstanceEvent } from '../../engine/instance.ts';
import { eventActions } from './calls.ts';
import { serviceLabel } from './labels.ts';

interface RawEvent {
	Type?: string;
	Action?: string;
	status?: string;
	id?: string;
	Actor?: { ID?: string; Attributes?: Record<string, string> };
	timeNano?: number;
	time?: number;
}

/**
 * Parses one line of `/events` or of `docker events --format '{{json .}}'`.
 *
 * @returns undefined for anything but a life-cycle event of a container
 */
export const parseEvent = (line: string): InstanceEvent | undefined => {
	let raw: RawEvent;
	try {
		raw = JSON.parse(line) as RawEvent;
	} catch {
		return undefined;
	}
	const [action = '', detail] = (raw.Action ?? raw.status ?? '').split(': ');
	const id = raw.Actor?.ID ?? raw.id;
	if (id === undefined || !(eventActions as readonly string[]).includes(action)) {
		return undefined;
	}
	// JSON.parse rounds timeNano to a multiple of 256 ns, so it is read from the text.
	const nanos = /"timeNano":(\d+)/.exec(line)?.[1];
	const exitCode = raw.Actor?.Attributes?.exitCode;
	return {
		id,
		action,
		detail,
		service: raw.Actor?.Attributes?.[serviceLabel] ?? '',
		...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
		nanos: nanos === undefined ? BigInt(raw.time ?? 0) * 1_000_000_000n : BigInt(nanos),
	};
};
