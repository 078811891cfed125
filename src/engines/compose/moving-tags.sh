# shellcheck shell=sh
# is_moving_tag TAG: succeeds for a tag that is given to one image after another. This is the only list of such tags: image-names.ts reads
# it too.
moving_tags='latest stable main master edge production prod staging'
is_moving_tag() {
	case " $moving_tags " in
		*" $1 "*) return 0 ;;
	esac
	return 1
}
