// The building blocks of the shapes of readings. Monitors receive all of them.
export * as z from 'zod';
export * from './basics.ts';
export * from './readings.ts';
