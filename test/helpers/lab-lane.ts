import { labAvailable } from '../lab/index.ts';
import { shareCache, takeLane } from '../lab/lanes.ts';
import { isUp, lab } from './lab-command.ts';

// Before a test file is read: it may look at the lab while it is imported. A lab is brought up by the first file that wants it, as
// what runs in it takes a part of the processor also when nobody looks.
if ((await labAvailable()).ok) {
	const lane = await takeLane();
	if (!isUp(lane)) {
		shareCache(lane);
		await lab(lane, 'up');
	}
}
