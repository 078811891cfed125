# shellcheck shell=sh
# is_moving_tag TAG: succeeds for a tag that is given to one image after another: it has no number in it (`latest`, `release`, `nightly`, `alpine`),
# or `latest` as a part (`latest-pg16`). image-names.ts has the same rule.
is_moving_tag() {
	case -$1- in *[-_.]latest[-_.]*) return 0 ;; esac
	case $1 in *[0-9]*) return 1 ;; esac
}
