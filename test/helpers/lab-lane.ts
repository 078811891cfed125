import { labAvailable } from '../lab/index.ts';
import { takeLane } from '../lab/lanes.ts';

// Before a test file is read: it may look at the lab while it is imported.
if ((await labAvailable()).ok) await takeLane();
