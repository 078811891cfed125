/*
 * The runner's programs on the host as a model for spin: two clients, up to two runs of one deployment, a kill of any process
 * at any point. `npm run model` verifies it, scene by scene; check.ts lists the scenes and their properties.
 *
 * A comment such as "S1 file.sh: text" is the transition that follows. It names a program in src/services/runner and a piece
 * of its text: a test fails when the program no longer has that text. A run's processes are bits of live[]: flock belongs to
 * an open file, which they inherit, so the lock is free when none of them lives. Defining BROKEN_... takes one precaution out
 * of the programs, as they were before, or as somebody might write them.
 */
#define NONE 0
#define SUCCEEDED 1
#define FAILED 2
#define CANCELLED 3
#define TIMED_OUT 4
#define KILLED 137

#define STARTER 1
#define SUPERVISOR 2
#define MINDER 4 /* the shell that waits for a step */
#define STEP 8

#ifndef KILLS
#define KILLS 1
#endif

mtype = { begun, ended, woken };

/* The processes of what client c has started; the files of run r. */
byte live[2], work[2], step_code[2], work_code[2];
bit held[2], alive_locked[2], seen[2], told[2], term[2], daemon[2];
chan fifo[2] = [6] of { mtype, byte };
byte making[2], result[2], end_record[2], answer_file[2], by[2];
bit published[2], cancel_file[2], begin_record[2], restore[2], pruned[2], gate[2];
byte owner;    /* client + 1; 0: nobody's name */
bit other_lock; /* held by prune, or by cancel for a moment */
bit down;      /* the host was restarted */
/* Nothing reads these but the properties. */
bit over_for_good, withdrawn[2], asked[2], said_over[2], done_well[2];
byte begins[2], taken, answer_record;

#define LOCK_IS_FREE(c) (!(held[1 - c] && live[1 - c]) && !other_lock)
#define ALIVE_IS_HELD(c) (alive_locked[c] && (live[c] & (STARTER | SUPERVISOR)))
/* find-run-processes.sh: the mark is in the environment from exec on. */
#define PROCESSES(c) (((live[c] & STEP) && seen[c]) || work[c] || daemon[c])
#define LEFT_OF_STEP(c) (((live[c] & STEP) && seen[c]) || work[c])

/* What nobody reads any more is made the same again: fewer states. */
inline forget(c) {
	if :: !(live[c] & STEP) -> seen[c] = 0; term[c] = 0 :: else fi;
	if :: !(live[c] & SUPERVISOR) && len(fifo[c]) > 0 -> do :: fifo[c] ? _, _ :: len(fifo[c]) == 0 -> break od :: else fi
}
inline leave(c, process) { d_step { live[c] = live[c] & ~(process); forget(c) } }
inline tell(c, what, value) { d_step { if :: live[c] & SUPERVISOR -> fifo[c] ! what, value :: else fi } }

proctype starter(byte c; byte r; bit locked) {
	{
/* S1 start-prepare.sh: there() { [ ! -d "$runs/$id" ] || { */
	if :: published[r] -> goto done :: else fi;
	if
	:: locked ->
		if
#ifdef BROKEN_LOCK
		:: held[c] = 1
#else
/* S2 start-prepare.sh: until flock -n 9; do */
		:: atomic { LOCK_IS_FREE(c) -> held[c] = 1 }
		:: !LOCK_IS_FREE(c) -> goto done
#endif
		fi;
		assert(!(held[1 - c] && live[1 - c]));
#ifndef BROKEN_OWNER
/* S3 start-prepare.sh: *) ! find_run_processes "$died" "$runs/$died" || */
		if :: owner && PROCESSES(owner - 1) -> goto done :: else fi;
#endif
/* S4 start-prepare.sh: rm -f "$state/owner" */
		owner = 0
	:: else
	fi;
/* S5 start-prepare.sh: if ! mkdir "$new" 2>/dev/null; then */
	if
	:: atomic { !making[r] -> making[r] = c + 1 }
	:: making[r] -> goto done
	fi;
#ifndef BROKEN_TWICE
/* S6 start-prepare.sh: [ ! -d "$runs/$id" ] || rm -rf "$new" */
	if :: published[r] -> making[r] = 0; goto done :: else fi;
#endif
	if
	:: locked ->
/* S8 start-launch.sh: mv owner "$state/owner" */
		owner = c + 1
	:: else
	fi;
/* S9 start-launch.sh: mv "$new" "$runs/$id" */
/* S7 start-launch.sh: if ! flock -n 8; then */
	d_step {
		alive_locked[c] = 1;
		assert(!published[r] && !withdrawn[r]);
		published[r] = 1; by[r] = c; making[r] = 0; gate[r] = 1
	};
/* S10 start-launch.sh: setsid sh supervisor.sh "$step_umask" */
	atomic { live[c] = live[c] | SUPERVISOR; run supervisor(c, r, locked) };
	if
	:: told[c]
	:: !(live[c] & SUPERVISOR) && !told[c] ->
		if
		:: locked ->
/* S11 start-launch.sh: [ "$locked" != 1 ] || rm -f "$state/owner" */
			owner = 0
		:: else
		fi;
/* S12 start-launch.sh: cd / && rm -rf "${runs:?}/$id" */
		published[r] = 0
	fi;
done:
	leave(c, STARTER)
	} unless { !(live[c] & STARTER) }
}

/* Takes the first run away, if it may. Run 1 undoes run 0. mine: the run that prunes; 9: by hand. */
inline prune(c, mine) {
	if
	:: mine != 0 && published[0] && !pruned[0] ->
		if
#ifndef BROKEN_PRUNE_ALIVE
/* D1 going-on.sh: is_supervised() { [ -e "$state/runs/$1/alive" ] */
		:: !result[0] && ALIVE_IS_HELD(by[0])
#endif
#ifndef BROKEN_PRUNE_DIED
/* D2 going-on.sh: has_processes() { find_run_processes "$1" */
		:: !result[0] && PROCESSES(by[0])
#endif
#ifndef BROKEN_PRUNE_NEEDED
/* D3 find-prunable.sh: [ -z "$(needed_by "$one")" ] || continue */
		:: published[1] && result[1] != SUCCEEDED
#endif
		:: else ->
#ifndef BROKEN_PRUNE_GATE
			if
			:: !result[0] ->
/* D6 going-on.sh: mv "$state/runs/$1/steps/$step.ready" */
				gate[0] = 0;
/* D7 going-on.sh: ! has_processes "$1" */
				over_for_good = !PROCESSES(by[0])
			:: else -> over_for_good = 1
			fi;
#else
			over_for_good = 1;
#endif
			if
			:: over_for_good ->
/* D4 drop-run.sh: drop_restore_point "$1" || return */
				d_step {
					assert(!(published[1] && result[1] != SUCCEEDED));
					assert(!ALIVE_IS_HELD(by[0]) || result[0]);
					assert(!work[by[0]]);
					over_for_good = 0; restore[0] = 0; pruned[0] = 1
				}
			:: else
			fi
		fi
	:: else
	fi
}

/* Ends the step: TERM, and KILL when the grace period is over. */
inline stop_step(c) {
/* P5 supervisor.sh: if is_led; then signal_group TERM && told=1; fi */
	term[c] = 1;
	if
	:: !LEFT_OF_STEP(c)
	:: LEFT_OF_STEP(c) ->
/* P6 supervisor.sh: if [ "$(uptime_seconds)" -ge "$kill_at" ]; then */
		d_step { work[c] = 0; work_code[c] = KILLED; live[c] = live[c] & ~STEP; forget(c) }
	fi;
/* P7 supervisor.sh: while find_left "$1"; do */
	!LEFT_OF_STEP(c)
}

proctype supervisor(byte c; byte r; bit locked) {
	byte over, state, code;
	bit known, late;
	mtype word;
	{
/* P0 supervisor.sh: echo started */
	told[c] = 1;
#ifdef UNDO
	if :: locked -> prune(c, r) :: else fi;
#endif
	state = SUCCEEDED;
	if
	:: c == 1 ->
		/* The other client's run: what its steps do is as for the first. */
		d_step { assert(!(held[0] && held[1] && work[0])); done_well[r] = 1; begin_record[r] = 1 };
		if :: skip :: state = FAILED fi
/* P1 supervisor.sh: state=cancelled code=143 */
	:: c == 0 && cancel_file[r] -> state = CANCELLED
	:: else ->
/* P2 supervisor.sh: record "begin $n $name $ms $(output_size)" */
		begin_record[r] = 1;
/* P3 supervisor.sh: backout_step=$id/$n/ setsid sh step.sh */
		atomic { live[c] = live[c] | MINDER; step_code[c] = KILLED; run minder(c, r) };
		do
		:: over -> break
		:: else ->
#ifndef TIMER
endwait: /* for the timer */
#endif
			if
/* P4 supervisor.sh: read -r word number value <&7 */
			:: fifo[c] ? word, code
#ifdef TIMER /* supervisor.sh: timer */
			:: atomic { !late -> late = 1 }
#endif
			fi;
			if
			:: word == begun -> known = 1
			:: word == ended ->
#ifndef BROKEN_LEFT
/* P8 supervisor.sh: && find_left killed; then stop_step killed; fi */
				if :: !end_record[r] && LEFT_OF_STEP(c) -> stop_step(c) :: else fi;
#endif
				if :: code == 0 -> over = SUCCEEDED :: else -> over = FAILED fi
			:: else
			fi;
			if
			:: over
			:: !over && !(cancel_file[r] || late)
			:: !over && (cancel_file[r] || late) && !known ->
#ifndef BROKEN_GATE
/* P9 supervisor.sh: mv "steps/$name.ready" "steps/$name.kept" 2>/dev/null; then stop_step "$why"; fi */
				if
				:: atomic { gate[r] -> gate[r] = 0 };
					if :: cancel_file[r] -> over = CANCELLED :: else -> over = TIMED_OUT fi
				:: !gate[r]
				fi
#else
				skip
#endif
			:: !over && (cancel_file[r] || late) && known ->
				stop_step(c);
				if :: cancel_file[r] -> over = CANCELLED :: else -> over = TIMED_OUT fi
			fi;
			d_step { word = 0; code = 0 }
		od;
/* P10 supervisor.sh: wait "$timer" "$minder" 2>/dev/null */
		atomic { !(live[c] & MINDER) ->
/* P11 supervisor.sh: record "end $n $name $ms $(output_size) $code" */
		if :: !end_record[r] -> end_record[r] = over :: else fi;
		state = over }
	fi;
/* P12 supervisor.sh: mv result.new result */
	d_step {
		assert(result[r] == NONE);
		assert(state != SUCCEEDED || done_well[r]);
		assert(state != CANCELLED || (asked[r] && !work[c]));
		result[r] = state
	};
	if
	:: locked ->
/* P13 supervisor.sh: rm -f ../../owner */
		d_step { assert(owner == 0 || owner == c + 1); owner = 0 }
	:: else
	fi;
	leave(c, SUPERVISOR)
	} unless { !(live[c] & SUPERVISOR) }
}

proctype minder(byte c; byte r) {
	{
/* M1 supervisor.sh: ( */
	atomic { live[c] = live[c] | STEP; run step(c, r) };
endstep:
/* M2 supervisor.sh: echo "ended $n $?" >&7 */
	atomic { !(live[c] & STEP) -> tell(c, ended, step_code[c]); leave(c, MINDER) }
	} unless { !(live[c] & MINDER) }
}

proctype step(byte c; byte r) {
	byte code;
	{
/* X0 supervisor.sh: backout_step=$id/$n/ */
	seen[c] = 1;
/* X1 step.sh: echo "begun $n $$" >&7 */
	tell(c, begun, 0);
#ifndef BROKEN_GATE
/* X2 step.sh: mv "steps/$name.ready" "steps/$name.begun" 2>/dev/null || exit 143 */
	if
	:: atomic { gate[r] -> gate[r] = 0 }
	:: !gate[r] -> step_code[c] = 143; goto done
	fi;
#endif
/* X3 step.sh: exec sh "$2" </dev/null 5<&- 7<&- 9<&- */
	d_step {
		begins[r]++;
		assert(begins[r] == 1 && begin_record[r] && result[r] == NONE && !said_over[r] && !pruned[r]);
		assert(!(held[0] && held[1] && work[1 - c]));
		restore[r] = 1;
#ifndef MANUAL
		work[c] = 1
#endif
	};
#ifdef MANUAL
endanswer:
	if
/* X4 step.sh: while [ ! -s "$answer" ]; do */
	:: answer_file[r] ->
/* X5 step.sh: printf '%s\n' "answer $n $word $at $about" >>records */
		answer_record = answer_file[r]
	:: term[c] -> code = 143
	fi;
#else
#ifdef STUBBORN /* only KILL ends it */
	if :: work[c] = 2 :: skip fi;
#endif
endwork:
	atomic { !work[c] -> code = work_code[c] };
#ifdef DAEMON /* a step may leave something running on purpose */
	if :: daemon[c] = 1 :: skip fi;
#endif
#endif
/* X6 step.sh: printf '%s\n' "end $n $name $ms $(stat -c %s out) $code" >>records */
	d_step {
		if :: code == 0 -> done_well[r] = 1; end_record[r] = SUCCEEDED :: else -> end_record[r] = FAILED fi
	};
	atomic {
#ifndef BROKEN_MINDER
/* X7 step.sh: echo "ended $n $code" >&7 */
		tell(c, ended, code);
#endif
		step_code[c] = code
	};
done:
	leave(c, STEP)
	} unless { !(live[c] & STEP) }
}

proctype canceller(byte r) {
	byte c;
	{
/* C0 enter-run.sh: [ -n "$state" ] && [ -d "$state/runs/$id" ] || no_such_run */
	if :: !published[r] -> goto done :: else fi;
	c = by[r];
/* C1 cancel.sh: [ ! -s result ] || answer before */
	if :: result[r] -> goto done :: else fi;
	if
/* C2 cancel.sh: if ! flock -s -n alive true; then */
	:: ALIVE_IS_HELD(c) ->
/* C3 cancel.sh: mv cancel.new cancel 2>/dev/null */
		d_step { cancel_file[r] = 1; asked[r] = 1 };
/* C4 cancel.sh: echo woken 1<>control || refuse */
		tell(c, woken, 0);
/* C5 cancel.sh: while ! flock -s -n alive true; do */
		!ALIVE_IS_HELD(c);
	:: !ALIVE_IS_HELD(c)
	fi;
#ifndef BROKEN_RESULT
/* C6 cancel.sh: # It may have ended by itself meanwhile. */
	if :: result[r] -> goto done :: else fi;
#endif
#ifndef BROKEN_GATE
/* C7 cancel.sh: mv "steps/$last.ready" "steps/$last.kept" 2>/dev/null */
	d_step { if :: begin_record[r] -> gate[r] = 0 :: else fi };
#endif
/* C8 cancel.sh: find_processes || answer lost */
	if :: !PROCESSES(c) -> said_over[r] = 1; goto done :: else fi;
/* C9 cancel.sh: signal_found TERM */
	d_step { cancel_file[r] = 1; asked[r] = 1; term[c] = 1 };
/* C10 cancel.sh: [ "$(uptime_seconds)" -lt "$kill_at" ] || signal_found KILL */
	d_step { work[c] = 0; work_code[c] = KILLED; daemon[c] = 0; if :: seen[c] -> live[c] = live[c] & ~STEP; forget(c) :: else fi };
/* C11 cancel.sh: printf 'cancelled 143 %s000\n' "$(date +%s)" 1<>result.new && mv result.new result */
	d_step { assert(result[r] == NONE || result[r] == CANCELLED); result[r] = CANCELLED; said_over[r] = 1 };
#ifndef BROKEN_NAME
/* C12 cancel.sh: if flock -n 9 && grep -q "^$id " ../../owner; then rm -f ../../owner; fi */
	if :: atomic { !(held[0] && live[0]) && !(held[1] && live[1]) && !other_lock -> other_lock = 1 } :: else -> goto done fi;
#endif
	if
	:: owner == c + 1 ->
/* C13 cancel.sh: ) 9<>../../lock 2>/dev/null */
		d_step { assert(owner == 0 || owner == c + 1); owner = 0 }
	:: else
	fi;
	other_lock = 0;
done:
	skip
	} unless { down }
}

proctype answerer(byte k; byte r) {
endstart:
	published[r];
	{
/* N1 complete-manual-step.sh: [ ! -e "answer.$n" ] || late */
	if :: answer_file[r] -> goto done :: else fi;
/* N2 complete-manual-step.sh: if grep -q "^end $n " records || [ -s result ] || flock -s -n alive true; then */
	if :: end_record[r] || result[r] || !ALIVE_IS_HELD(by[r]) -> goto done :: else fi;
/* N3 complete-manual-step.sh: grep -q "^begin $n " records || refuse */
	if :: !begin_record[r] -> goto done :: else fi;
/* N4 complete-manual-step.sh: ln "$new" "answer.$n" 2>/dev/null || { */
	d_step {
		if
#ifdef BROKEN_ANSWER
		:: true -> answer_file[r] = k; taken++
#else
		:: !answer_file[r] -> answer_file[r] = k; taken++
		:: else
#endif
		fi;
		assert(taken <= 1)
	};
done:
	skip
	} unless { down }
}

/* Follows a run to its end; then reads it, as whoever looks at any time does. */
proctype viewer(byte r) {
	byte what;
	bit minded;
endstart:
	published[r];
	{
	if :: skip ->
/* V1 follow-run.sh: flock -s alive sh -c */
		!ALIVE_IS_HELD(by[r])
	:: skip
	fi;
#ifdef BROKEN_READ
	what = result[r];
	minded = (ALIVE_IS_HELD(by[r]) != 0);
#else
/* V2 read-run.sh: if [ ! -e alive ] || flock -s -n alive true 2>/dev/null; then */
	minded = (ALIVE_IS_HELD(by[r]) != 0);
/* V3 read-run.sh: for file in plan.json about.json started records facts result */
	what = result[r];
#endif
	d_step {
		/* Neither "running" nor a result nor a supervisor: it is said to have died. */
		assert(minded || what || !published[r] || !(live[by[r]] & SUPERVISOR));
		assert(minded || what || result[r] == NONE || result[r] == CANCELLED)
	}
	} unless { down }
}

proctype withdrawer(byte r) {
	{
/* W1 revoke-start.sh: there() { [ ! -d "$id" ] || { */
	if :: published[r] -> goto done :: else fi;
#ifndef BROKEN_WITHDRAW
/* W2 revoke-start.sh: if mkdir ".$id" 2>/dev/null; then */
	if :: atomic { !making[r] -> making[r] = 9 } :: making[r] -> goto done fi;
/* W3 revoke-start.sh: [ ! -d "$id" ] || rmdir ".$id" */
	if :: published[r] -> making[r] = 0; goto done :: else fi;
#endif
/* W4 revoke-start.sh: echo withdrawn */
	d_step { assert(!published[r]); withdrawn[r] = 1 };
done:
	skip
	} unless { down }
}

proctype pruner() {
	{
#ifndef BROKEN_PRUNE_LOCK
/* D5 prune-now.sh: flock -n 9 || refuse */
	if :: atomic { !(held[0] && live[0]) && !(held[1] && live[1]) && !other_lock -> other_lock = 1 } :: else -> goto done fi;
#endif
	prune(0, 9);
	other_lock = 0;
done:
	skip
	} unless { down }
}

/* Scripts end by themselves; processes are killed; once the host is restarted. */
active proctype world() {
	byte kills;
	bit code;
end:
	do
	:: work[0] == 1 -> d_step { work[0] = 0; work_code[0] = 0 }
#ifdef FAILS
	:: work[0] == 1 -> d_step { work[0] = 0; work_code[0] = 1 }
#endif
	:: work[1] == 1 -> d_step { work[1] = 0; work_code[1] = 0 }
	:: kills < KILLS && (live[0] & STARTER) -> d_step { live[0] = live[0] & ~STARTER; forget(0); kills++ }
	:: kills < KILLS && (live[0] & SUPERVISOR) -> d_step { live[0] = live[0] & ~SUPERVISOR; forget(0); kills++ }
	:: kills < KILLS && (live[0] & MINDER) -> d_step { live[0] = live[0] & ~MINDER; forget(0); kills++ }
	:: kills < KILLS && (live[0] & STEP) -> d_step { live[0] = live[0] & ~STEP; forget(0); kills++ }
	:: kills < KILLS && (live[1] & SUPERVISOR) -> d_step { live[1] = live[1] & ~SUPERVISOR; forget(1); kills++ }
	/* A run whose step has ended ends. */
	:: timeout && end_record[0] && (live[0] & SUPERVISOR) -> assert(false)
#ifdef RESTART
	:: !down && live[0] -> d_step { down = 1; live[0] = 0; live[1] = 0; work[0] = 0; work[1] = 0; daemon[0] = 0; daemon[1] = 0 }
#endif
	od
}

init {
	atomic {
#ifdef TWICE
		live[0] = STARTER; live[1] = STARTER;
		run starter(0, 0, 1);
		run starter(1, 0, 1);
		run withdrawer(0);
#else
		/* The first client's start is over. */
		live[0] = SUPERVISOR; alive_locked[0] = 1; published[0] = 1; gate[0] = 1;
#ifdef LOOKS /* it changes nothing, and has no lock */
		run supervisor(0, 0, 0);
#else
		held[0] = 1; owner = 1;
		run supervisor(0, 0, 1);
#endif
#endif
#ifdef TWO
		run later(1);
		run canceller(0);
#endif
#ifdef UNDO
#ifndef LOOKS
		run later(1);
#endif
		run pruner();
#endif
#ifdef RESTART
		run later(1);
		run viewer(0);
#endif
#ifdef LIVENESS
		run canceller(0);
#endif
#ifdef CANCEL
		run canceller(0);
		run canceller(0);
#endif
#ifdef VIEW
		run canceller(0);
		run viewer(0);
#endif
#ifdef MANUAL
		run canceller(0);
		run answerer(1, 0);
		run answerer(2, 0);
#endif
	}
}

/* The second client starts another run, at any time; also after the restart. */
proctype later(bit locked) {
	atomic { live[1] = STARTER; run starter(1, 1, locked) }
}

#ifdef LIVENESS
ltl cancel_ends { [] ((asked[0] && !down) -> <> (down || (!ALIVE_IS_HELD(0) && !LEFT_OF_STEP(0)))) }
#endif
