# shellcheck shell=sh
# What the host itself has of Kubernetes is asked with the deployment, by kubectl.

check_engine() { :; }
check_room() { :; }
