import type * as z from 'zod';
import { readRecord } from '../../../runbook/shapes/read-record.ts';
import { parse } from './about-run.ts';

/** Returns the lines of an append-only file that have this shape, oldest first. A damaged one is left out, and does not hide the others. */
export const linesOf = <S extends z.ZodType>(shape: S, text = ''): z.output<S>[] =>
	text.split('\n').flatMap((line) => {
		const value = parse(line);
		const read = value && readRecord(shape, value);
		return read === undefined ? [] : [read];
	});
