// What the shapes of readings are made of. A monitor is given all of it.
export * as z from 'zod';
export * from './basics.ts';
export * from './readings.ts';
