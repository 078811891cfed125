// The commands for use before there is a host, and those that are rarely used.
export { check } from './check.ts';
export { complete, completion } from './completion/completion.ts';
export { manPage } from './completion/man-page.ts';
export { treeOf } from './completion/tree.ts';
export { demo } from './demo.ts';
export { doctor } from './doctor.ts';
export { init } from './init.ts';
