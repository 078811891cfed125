import * as z from 'zod';
import { moment, must, text, who } from './basics.ts';

/** One line of the host's `shells`: a shell in a container was opened, or has ended. */
export const shellNote = z.strictObject({
	id: must(text('The same in both lines of a shell')),
	at: must(moment("When, by the clock of the operator's machine")),
	who: who.describe('Who opened it'),
	container: must(text('Name of the container')),
	service: must(text('Its service')),
	endedAfterMs: z.number().optional().describe('Time for which it was open, ms; missing in the line of its beginning'),
	end: text('Its end in a few words; missing if that was its own `exit`').optional(),
});
