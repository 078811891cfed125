import type { ImageLayer } from '../../engine/instance.ts';

const layer = (createdMs: number, command: string, bytes: number): ImageLayer => ({
	// The year 1 and the epoch stand for no time.
	...(createdMs > 0 && { createdAt: createdMs }),
	command,
	bytes: Number.isFinite(bytes) ? bytes : 0,
});

/** An image's history as the Engine API has it (`GET /images/ID/history`), the newest layer first. */
export const toLayers = (json: unknown): readonly ImageLayer[] =>
	(json as readonly { Created?: number; CreatedBy?: string; Size?: number }[]).map(({ Created, CreatedBy, Size }) =>
		layer((Created ?? 0) * 1000, CreatedBy ?? '', Size ?? 0),
	);

/** The same from `docker history --no-trunc --human=false --format '{{json .}}'`: a JSON object a line. */
export const parseHistory = (text: string): readonly ImageLayer[] =>
	text
		.split('\n')
		.filter((line) => line.trim() !== '')
		.map((line) => {
			const { CreatedAt, CreatedBy, Size } = JSON.parse(line) as Readonly<Record<string, string | undefined>>;
			return layer(Date.parse(CreatedAt ?? '') || 0, CreatedBy ?? '', Number(Size ?? 0));
		});
