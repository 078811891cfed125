# shellcheck shell=sh
# A restore point keeps nothing outside of its folder: nodes keep images by themselves.

drop_images() { :; }

runs_with_images() { :; }
