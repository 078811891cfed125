import type { RestorePointShell } from '../../../engine/shell.ts';
import list from '../../docker/image-ids.sh';
import containerFacts from '../container-facts.sh';
import networksAndVolumes from '../networks-and-volumes.sh';
import drop from './drop-images.sh';
import keepFiles from './keep-compose-files.sh';
import keepCreation from './keep-creation.sh';
import keepImages from './keep-images.sh';
import pinVerified from './pin-verified.sh';

/**
 * The image of each container is pinned by a tag, `backout/SERVICE:RUN`, and by a container that is never started, so that no prune
 * removes it. The names of images, networks and volumes, the containers' state and how they were created are noted.
 */
export const restorePointShell: RestorePointShell = {
	words: {
		all: 'the image of every container (as a tag, held by a container that never runs), env files and Compose files',
		noted: 'Records the commit, the state of every container and how it was created',
		later: 'env files, Compose files and the image of every container',
	},
	keep: [containerFacts, networksAndVolumes, keepFiles, keepCreation, keepImages].join('\n'),
	verified: `${keepImages}\n${pinVerified}`,
	drop,
	list,
};
