// What the command line does before there is a host to look at, and what is seldom asked of it.
export { check } from './check.ts';
export { complete, completion } from './completion/completion.ts';
export { manPage } from './completion/man-page.ts';
export { treeOf } from './completion/tree.ts';
export { demo } from './demo.ts';
export { doctor } from './doctor.ts';
export { init } from './init.ts';
