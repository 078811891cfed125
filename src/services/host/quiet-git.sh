# shellcheck shell=sh
# quiet_git: makes git read-only from here on. The work tree may belong to another user (safe.directory counts only from protected
# configuration, which the environment is, git-config(1)); the repository's own configuration must not start a program (core.fsmonitor);
# nothing prompts.

quiet_git() {
	GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
	GIT_CONFIG_KEY_1=core.fsmonitor GIT_CONFIG_VALUE_1=false GIT_TERMINAL_PROMPT=0
	export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_KEY_1 GIT_CONFIG_VALUE_1 GIT_TERMINAL_PROMPT
}
