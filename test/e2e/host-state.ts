import { hostExec } from '../lab/index.ts';

/**
 * Reads everything that a refused or failed procedure must leave unchanged: commit and branch, the index, local changes, files that git
 * does not keep, refs except those of restore points, work trees, the names of images, and the containers except those that keep a
 * restore point's images (by their ids: a crashing one starts again and again).
 */
export const hostState = async (): Promise<string> =>
	(
		await hostExec(`
			git rev-parse HEAD; git symbolic-ref -q HEAD
			git ls-files -s | cksum; git diff HEAD --binary | cksum; git status --porcelain
			cksum .env .env.backup docker-compose.yml config/* 2>&1
			git for-each-ref --format='%(refname) %(objectname)' refs/heads refs/stash
			git worktree list
			docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | grep -v -e '^backout/' -e '^<none>' | sort
			docker ps -a --no-trunc --format '{{.ID}} {{.Names}}' | grep -v ' backout-' | sort
		`)
	).stdout;

/** The id of the image that the engine runs. */
export const engineImage = async (): Promise<string> =>
	(await hostExec(`docker inspect --format '{{.Image}}' trading-engine`)).stdout.trim();
