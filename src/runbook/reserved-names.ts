/** Names that the program sets for scripts, or that other programs on the host read: not available for variables and inputs. */
const reserved: ReadonlySet<string> = new Set([
	'directory',
	'project',
	'kube_namespace',
	'kube_selector',
	'kube_context',
	'kube_config',
	'compose_directory',
	'compose_files',
	'compose_finds_files',
	'compose_env_files',
	'compose_profiles',
	'compose_adds_profiles',
	'backout_given',
	'compose_command',
	'ground_file',
	'locked_command',
	'becomes_path',
	'becomes_image',
	'becomes_commit',
	'becomes',
	'main_service',
	'build_contexts',
	'plan_differs',
	'plan_keep',
	'plan_names',
	'plan_restart',
	'plan_texts',
	'plan_unproven',
	'plan_stop',
	'plan_create',
	'plan_start',
	'plan_build',
	'plan_images',
	'plan_ground',
	'value',
	'run_dir',
	'run_facts',
	'restore_dir',
	'state_dir',
	'run_id',
	'from_run',
	'from_dir',
	'from_commit',
	'from_branch',
	'from_changes',
	'from_containers',
	'from_interrupts',
	// Lower-case by custom, and read by curl, git, docker and wget.
	'http_proxy',
	'https_proxy',
	'ftp_proxy',
	'no_proxy',
	'all_proxy',
]);

/** Names of variables and inputs. POSIX leaves names with lower-case letters to applications (XBD 8.1). */
export const variableNamePattern = /^[a-z][a-z0-9_]*$/;

/** The values that a guard on the host reads: see watch.sh. */
const guardNamePattern = /^guard_(?:checks|target|for|grace|interval|lasting|settle|relay|\d+_.*)$/;

export const isReservedName = (name: string): boolean => reserved.has(name) || guardNamePattern.test(name);

/** Names of procedures, checks, steps, scripts. */
export const idPattern = /^[a-z0-9][a-z0-9_-]*$/;

/** Names of targets: operators type them to confirm, and they are part of file names. */
export const targetNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Project names that Compose accepts (compose-spec, "name"). */
export const projectPattern = /^[a-z0-9][a-z0-9_-]*$/;

/** Names of stacks: Swarm puts them before the names of services, which are made of these characters. */
export const stackPattern = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** Names of namespaces of Kubernetes (RFC 1123, a label). */
export const namespacePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A label selector as kubectl takes it; cannot pass for an option. */
export const labelSelectorPattern = /^[A-Za-z0-9!][A-Za-z0-9!=_.,/() -]*$/;

/** An absolute path on the host, without control characters. */
export const hostPathPattern = /^\/[^\x00-\x1f\x7f]*$/;

/** `[user@]host[:port]`; an IPv6 address with a port is in brackets. No part of it can pass for an option. */
export const hostPattern =
	/^(?:[^\s@:[\]\x00-\x1f\x7f-][^\s@:[\]\x00-\x1f\x7f]*@)?(?:\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[^\s@:[\]\x00-\x1f\x7f-][^\s@:[\]\x00-\x1f\x7f]*)(?::\d{1,5})?$/;

/**
 * Returns the project name that Compose derives from a directory: its base name in lower case, without disallowed characters and without
 * leading dashes and underscores (NormalizeProjectName of compose-go). May be empty.
 */
export const defaultProject = (directory: string): string =>
	(directory.replace(/\/+$/, '').split('/').at(-1) ?? '')
		.toLowerCase()
		.replace(/[^a-z0-9_-]/g, '')
		.replace(/^[_-]+/, '');

/** Returns the name of the stack that is kept in a directory: the directory's base name. May be no name of a stack. */
export const defaultStack = (directory: string): string => directory.replace(/\/+$/, '').split('/').at(-1) ?? '';
