/** Variables of a shell on this machine that say which engine `local` means; no secret is in them. */
export const engineVariables: readonly string[] = ['DOCKER_HOST', 'DOCKER_CONTEXT'];
