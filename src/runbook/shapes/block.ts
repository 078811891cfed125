import * as z from 'zod';
import { moment, text } from './basics.ts';

/** A version that was rolled back, and must not be deployed again for a time. */
export const block = z.strictObject({
	run: text('The run that rolled it back'),
	at: moment("When it was rolled back, by the host's clock"),
	until: moment("When the block lapses by itself, by the host's clock"),
	by: text('Who rolled it back: `user@machine`'),
	reason: text('Why; may be empty'),
	commit: text('Its commit, full hash; missing: it is known by its images alone').optional(),
	images: z.array(z.string()).describe('Ids of the images that it ran, which the version after it does not run'),
});
