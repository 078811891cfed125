# shellcheck shell=sh
# Finds programs. A login that runs one command often has a shorter PATH than an interactive one, and DOCKER_HOST may be set for interactive
# logins alone: NAS systems, macOS, Homebrew, snap, rootless Docker. The login's own PATH has priority; login_path keeps it. Reads
# backout_path (folders separated by :), backout_engine_host and backout_sudo (1), from the config; each may be empty.
#
# Each line is a whole command without single quotes, backslashes and exclamation marks: programs.ts also joins them into one line.

# shellcheck disable=SC2034 # for check-docker.sh
login_path=$PATH
PATH=${backout_path:+$backout_path:}$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/snap/bin:/opt/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:$HOME/bin:$HOME/.local/bin:$HOME/.docker/bin:$HOME/.orbstack/bin:/Applications/Docker.app/Contents/Resources/bin:/var/packages/ContainerManager/target/usr/bin:/var/packages/Docker/target/usr/bin:/share/CACHEDEV1_DATA/.qpkg/container-station/bin
export PATH
# Whether something here is Docker's: then the engine is not Podman, unless the config says so.
is_docker_here() { command -v dockerd >/dev/null 2>&1 || { [ -S /var/run/docker.sock ] && if [ -L /var/run/docker.sock ]; then false; fi; }; }
may_be_podman=
command -v podman >/dev/null 2>&1 && case ${backout_engine_host:-${DOCKER_HOST:-}} in "") is_docker_here || may_be_podman=1 ;; *podman*) may_be_podman=1 ;; esac
# Podman without a client of Docker, also where a script of Podman has that name: podman.sh makes one.
is_podman=
[ -z "$may_be_podman" ] || found=$(command -v docker) || is_podman=1
[ -z "$may_be_podman" ] || [ -z "$found" ] || case $(head -c 1 "$found" 2>/dev/null) in "#") grep -q "^exec .*/podman " "$found" && is_podman=1 ;; esac
[ -z "$is_podman" ] || PATH=$HOME/.cache/backout/podman:$PATH
# Created by sudo.sh.
[ -z "${backout_sudo:-}" ] || PATH=$HOME/.cache/backout/sudo:$PATH
if [ -n "${backout_engine_host:-}" ]; then DOCKER_HOST=$backout_engine_host && export DOCKER_HOST; fi
# use_first_socket SOCKET...: uses the first of these sockets that exists and may be used.
use_first_socket() { for found in "$@"; do if [ -S "$found" ] && [ -w "$found" ]; then DOCKER_HOST=unix://$found && export DOCKER_HOST && break; fi; done; }
# is_engine_known: succeeds if something already says where Docker is: the environment, the config, a context.
is_engine_known() { [ -n "${DOCKER_HOST:-}${DOCKER_CONTEXT:-}${backout_sudo:-}" ] || grep -qs currentContext "${DOCKER_CONFIG:-$HOME/.docker}/config.json"; }
# typed_sockets: prints the sockets that startup files set DOCKER_HOST to, maybe for logins that type alone.
typed_sockets() { cat "$HOME/.bashrc" "$HOME/.bash_profile" "$HOME/.profile" "$HOME/.zshrc" "$HOME/.zprofile" "$HOME/.config/fish/config.fish" 2>/dev/null | grep -E "^[^#]*DOCKER_HOST[= ]" | grep -o "unix:///[A-Za-z0-9_./-]*" | grep -o "/[A-Za-z0-9_.][A-Za-z0-9_./-]*"; }
# shellcheck disable=SC2046 # paths have no blanks
[ -w /var/run/docker.sock ] || is_engine_known || use_first_socket $(typed_sockets)
# If nothing says it, and this user may not use the default socket: rootless Docker, Docker Desktop, Colima, OrbStack.
[ -w /var/run/docker.sock ] || is_engine_known || use_first_socket "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock" "$HOME/.docker/run/docker.sock" "$HOME/.colima/default/docker.sock" "$HOME/.orbstack/run/docker.sock"
# Podman, which speaks Docker's API, only if there is no Docker engine, which may just have stopped.
[ -S /var/run/docker.sock ] || is_engine_known || command -v dockerd >/dev/null 2>&1 || use_first_socket "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/podman/podman.sock" /run/podman/podman.sock
