import { createOutputBuffer } from '../../../src/stores/byte-ring.ts';
import { measureHotPath } from './measured.ts';

// A packet of a log with a hundred lines, into the buffer that keeps it.

const lines = Array.from({ length: 100 }, (_, index) => `2026-11-22 03:10:20 INFO nav ${index} is within its bounds\n`);
const packet = Buffer.from(lines.join(''));
const buffer = createOutputBuffer();
const result = await measureHotPath(Number(process.argv[2]), () => buffer.append(packet));
console.log(JSON.stringify(result));
process.exit(0);
