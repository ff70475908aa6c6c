# station.sh - what tanda says and does on a node. It is sent over the connection, needs POSIX sh,
# and stands in a folder of its own (mode 0700), one for each executor:
#
#   executor  the session's own shell; reads commands from the pipe `script`, runs the jobs
#   line      reads commands from the connection, so that a heartbeat is heard while a job runs
#   watch     kills the job when heartbeats stop, or when one of the other two is gone
#
# What a job prints comes through the pipe `out`, so that nobody it leaves behind can write to the
# connection afterwards. Files that others read are written in place, with numbers of fixed width
# (TANDA_BASE is added): a full disk must not stop a heartbeat.
tanda_base=1000000000
tanda_mark=TANDA_STATION

# A word with its arguments, which no output can be taken for: the nonce is known to nobody else.
# A line is not longer than 4096 bytes.
tanda_say() {
	printf '\001TANDA-%s %.3900s\n' "$tanda_nonce" "$*"
}

# Seconds that only go forward, without starting a process where the system allows it.
tanda_clock() {
	if { read -r tanda_now tanda_x </proc/uptime; } 2>/dev/null; then
		tanda_now=${tanda_now%%.*}
	else
		tanda_now=$(date +%s)
	fi
}

# Does the process run? A zombie does not.
tanda_lives() {
	if [ -d /proc/self ]; then
		{ read -r tanda_x <"/proc/$1/stat"; } 2>/dev/null || return 1
		case ${tanda_x##*)} in
		' Z'* | ' X'*) return 1 ;;
		esac
	else
		kill -0 "$1" 2>/dev/null
	fi
}

# tanda_note JOB CAT: the group of the job that runs, or else who brings the last of its output; and
# which job it is, so that a signal that comes too late meets no other.
tanda_note() {
	printf '%d %d %d\n' "$((tanda_base + $1))" "$((tanda_base + $2))" \
		"$((tanda_base + ${tanda_serial:-0}))" 1<>"$tanda_station/job"
}

tanda_read_note() {
	read -r tanda_job tanda_cat tanda_noted <job
	tanda_job=$((tanda_job - tanda_base)) tanda_cat=$((tanda_cat - tanda_base))
	tanda_noted=$((tanda_noted - tanda_base))
}

# tanda_kill NAME: the job that runs, with all its group.
tanda_kill() {
	kill "-$1" "-$tanda_job" 2>/dev/null || kill "-$1" "$tanda_job" 2>/dev/null
}

# ---- what is left of a job ----

# Processes with ids above $1 that carry this station's mark, wherever they went: tanda_found.
tanda_find() {
	tanda_since=$1 tanda_found=
	set --
	for tanda_x in /proc/[0-9]*; do
		[ "${tanda_x#/proc/}" -gt "$tanda_since" ] && set -- "$@" "$tanda_x/environ"
	done 2>/dev/null
	[ $# -eq 0 ] && return
	tanda_found=$($tanda_grep -lF "$tanda_mark=$tanda_station" "$@" 2>/dev/null)
	[ -n "$tanda_found" ] && tanda_drop_zombies
}

tanda_drop_zombies() {
	set -- $tanda_found
	tanda_found=
	for tanda_y; do
		tanda_y=${tanda_y#/proc/} tanda_y=${tanda_y%/environ}
		tanda_lives "$tanda_y" && tanda_found="$tanda_found $tanda_y"
	done
}

# Their names, and how many: tanda_names, tanda_count.
tanda_name() {
	tanda_names= tanda_count=0
	for tanda_x in $tanda_found; do
		{ read -r tanda_y <"/proc/$tanda_x/comm"; } 2>/dev/null || continue
		tanda_count=$((tanda_count + 1))
		[ "$tanda_count" -gt 8 ] || tanda_names="$tanda_names${tanda_names:+, }$tanda_x $tanda_y"
	done
}

# tanda_sweep JOB SINCE: what the job left has half a second to go by itself, and is killed then.
tanda_sweep() {
	tanda_rounds=0 tanda_names= tanda_count=0
	while tanda_find "$2"; [ -n "$tanda_found" ] || kill -0 "-$1" 2>/dev/null; do
		[ "$tanda_rounds" -eq 5 ] && tanda_name
		if [ "$tanda_rounds" -ge 5 ]; then
			kill -KILL "-$1" $tanda_found 2>/dev/null
		fi
		# Nobody may reap the dead in a container: a group can consist of them.
		if [ "$tanda_rounds" -gt 50 ] || { [ "$tanda_rounds" -gt 6 ] && [ -z "$tanda_found" ]; }; then
			break
		fi
		tanda_rounds=$((tanda_rounds + 1))
		sleep 0.1 2>/dev/null || sleep 1
	done
}

# ---- the executor ----

# Tell why the job cannot start, from the shell that would have become it.
tanda_refuse() {
	tanda_say refused "$tanda_serial" "$1" >&5
	exit 0
}

# The process that this is, a subshell: tanda_x. Not $$, which stays the executor's.
tanda_own_pid() {
	for tanda_x in /proc/self/task/[0-9]*; do
		tanda_x=${tanda_x##*/}
	done
	[ "$tanda_x" != '[0-9]*' ] || tanda_x=$("$tanda_sh" -c 'echo "$PPID"')
	# Some shells make no process of a subshell before they must.
	[ "$tanda_x" != "$$" ] ||
		tanda_refuse "cannot start '$1': the sh there starts a process for it too late; put another sh into PATH"
}

# What becomes the job; its output goes to `out`. From its note on it can be found, or finds that it
# is too late; until it leads its group a signal goes to its process (tanda_kill).
tanda_become() {
	tanda_environment
	export "$tanda_mark=$tanda_station"
	cd "$tanda_dir" 2>/dev/null ||
		tanda_refuse "cannot start '$1': its folder $tanda_dir is not there, or closed to this user"
	command -v -- "$1" >/dev/null 2>&1 ||
		tanda_refuse "cannot start '$1': it is not in PATH ($PATH); install it there or name its path"
	tanda_own_pid "$1"
	tanda_note "$tanda_x" 0
	read -r tanda_y <"$tanda_station/cut"
	[ "$tanda_y" = 0 ] || exit 125
	tanda_say started "$tanda_serial" "$tanda_x" >&5
	exec $tanda_setsid "$@" 5>&- 6<&-
}

# ---- where a job is ----

# The report files that have appeared are told like lines.
tanda_look() {
	for tanda_x in batch/report/*; do
		[ -f "$tanda_x" ] && [ -s "$tanda_x" ] && [ ! -h "$tanda_x" ] || continue
		tanda_x=${tanda_x#batch/report/}
		case /$tanda_seen in
		*"/$tanda_x/"*) continue ;;
		esac
		case $tanda_x in
		*"$tanda_newline"*) continue ;;
		esac
		[ "$tanda_seen_count" -lt 512 ] || return
		tanda_seen=$tanda_seen$tanda_x/ tanda_seen_count=$((tanda_seen_count + 1))
		tanda_say told "$tanda_serial" "reported	$tanda_x$tanda_record"
	done
}

# What is new in the job's lines, in pieces that a pipe takes whole, the ends of lines as records; at
# the end an empty one: up to here everything is told.
tanda_tell() {
	[ "$tanda_follows" != reports ] || tanda_look
	tanda_pieces=0
	while tanda_x=$(dd bs=3500 count=1 2>/dev/null <&6 | LC_ALL=C tr '\000\n' '\036\036'); do
		tanda_say told "$tanda_serial" "$tanda_x"
		tanda_pieces=$((tanda_pieces + 1))
		[ -n "$tanda_x" ] && [ "$tanda_pieces" -lt 64 ] || return 0
	done
}

# tanda_follow: tell each second, until asked to end. A process of its own, which ends between two
# pieces, so that the executor can go on where it was. It holds no end of the connection.
tanda_follow() {
	tanda_over=0
	trap 'tanda_over=1' TERM
	while [ "$tanda_over" = 0 ]; do
		sleep 1 >&- 5>&- 6<&- &
		tanda_sleeps=$!
		wait "$tanda_sleeps"
		# Where the connection was cut nobody is left who asks.
		read -r tanda_x <cut && [ "$tanda_x" = 0 ] || break
		tanda_tell
	done
	kill "$tanda_sleeps"
}

# What the job writes lines to is open before it starts: nothing that it puts there instead is read.
tanda_begin_to_follow() {
	rm -rf batch/progress
	# With `:` or `exec` a redirection that fails would end this shell.
	if true 2>/dev/null >batch/progress && [ -r batch/progress ]; then
		exec 6<batch/progress
	else
		tanda_follows=
	fi
	tanda_seen= tanda_seen_count=0
	[ -n "$tanda_follows" ] || return
	(tanda_follow) </dev/null >&5 2>/dev/null &
	tanda_follower=$!
}

tanda_end_following() {
	[ -n "$tanda_follows" ] || return
	kill "$tanda_follower" 2>/dev/null
	wait "$tanda_follower" 2>/dev/null
	tanda_tell >&5
	exec 6<&-
}

# From which process id on those of the job may be: its own, unless ids may have begun anew since it
# started: tanda_since. Nobody makes as many processes as there are ids within five seconds.
tanda_choose_since() {
	tanda_clock
	tanda_since=0
	{ [ "$((tanda_now - tanda_from))" -lt 5 ] && [ "$tanda_brings" -lt "$tanda_job" ] &&
		read -r tanda_x tanda_x tanda_x tanda_x tanda_y </proc/loadavg && [ "$tanda_y" -ge "$tanda_job" ]; } 2>/dev/null &&
		tanda_since=$tanda_job
}

# One job, in the foreground: in the background it would ignore SIGINT. Sets tanda_code.
tanda_run_job() {
	tanda_clock
	tanda_from=$tanda_now
	cat <out &
	tanda_brings=$!
	exec 5>out
	[ -z "$tanda_follows" ] || tanda_begin_to_follow
	if [ "$tanda_drops" = 1 ]; then
		(tanda_become "$@") </dev/null >&5 2>/dev/null
	else
		(tanda_become "$@") </dev/null >&5 2>&1
	fi
	tanda_code=$?
	tanda_started=0
	tanda_read_note
	if [ "$tanda_job" -gt 0 ]; then
		tanda_started=1
		tanda_choose_since
		tanda_sweep "$tanda_job" "$tanda_since"
		[ "$tanda_count" -eq 0 ] || tanda_say left "$tanda_serial" "$tanda_count" "$tanda_names" >&5
	fi
	# Where the connection was cut the job was stopped for that: it did not end by itself.
	read -r tanda_x <cut
	[ "$tanda_x" = 0 ] || exit 0
	tanda_note 0 "$tanda_brings"
	tanda_end_following
	tanda_say exited "$tanda_serial" "$tanda_code" >&5
	times >&5
	exec 5>&-
	# Somebody may hold the pipe for ever; then the watch ends the one who brings the output. Did it
	# end by itself, the connection is gone: the job may have died of that, and has no result.
	wait "$tanda_brings" 2>/dev/null
	case $? in
	0) ;;
	137)
		tanda_renew
		printf '\ntanda: somebody still holds the output, which is not waited for\n'
		# What was said last may have gone with it.
		tanda_say exited "$tanda_serial" "$tanda_code"
		times
		;;
	*) exit 0 ;;
	esac
	tanda_note 0 0
}

tanda_renew() {
	rm -f out
	mkfifo out
}

# A folder, and nothing in it.
tanda_is_empty() {
	[ -d "$1" ] && [ ! -h "$1" ] || return 1
	for tanda_x in "$1"/* "$1"/.[!.]* "$1"/..?*; do
		if [ -e "$tanda_x" ] || [ -h "$tanda_x" ]; then
			return 1
		fi
	done
}

tanda_first_line() {
	tanda_x=${tanda_x%%"$tanda_newline"*}
}

# tanda_send WORD FILE: an archive that is there, or none.
tanda_send() {
	if [ ! -e "$2" ]; then
		tanda_say "$1" "$tanda_serial" 0 0
		return
	fi
	tanda_x=$(cksum <"$2")
	tanda_x=${tanda_x% } tanda_y=${tanda_x#* }
	if [ "$tanda_y" -gt "$tanda_max" ]; then
		rm -f "$2"
		tanda_say failed "$tanda_serial" 1 "what it brings back is $tanda_y bytes, over the limit of $tanda_max"
		return
	fi
	tanda_say "$1" "$tanda_serial" "$tanda_y" "${tanda_x%% *}"
	cat "$2"
}

# tanda_make_archive FILE DIR [OPTION], whatever options the user's own archives have. With 1 GNU's tar
# tells that a file was written to meanwhile, by another executor: the archive is whole.
tanda_make_archive() {
	tanda_x=$(TAR_OPTIONS= tar -cf "$1" $3 -C "$2" -T "$tanda_station/list" 2>&1)
	case $? in
	0) ;;
	1) tanda_has_gnu_tar ;;
	*) return 1 ;;
	esac
}

tanda_has_gnu_tar() {
	tar --version 2>/dev/null | grep -qF 'GNU tar'
}

# What is no longer there is dropped from `list`; false: something is there and cannot be read.
tanda_list_again() {
	while IFS= read -r tanda_y; do
		if [ -r "$1/$tanda_y" ]; then
			printf '%s\n' "$tanda_y"
		elif [ -e "$1/$tanda_y" ]; then
			return 1
		fi
	done <list >still
	mv still list
}

# tanda_pack FILE DIR: the files of DIR that are in `list`, as an archive; false, with the fault told,
# when it cannot be made. Another executor may remove some of them meanwhile.
tanda_pack() {
	tanda_rounds=0 tanda_z=
	while [ -s list ]; do
		tanda_make_archive "$1" "$2" "$tanda_z" && return
		rm -f "$1"
		tanda_rounds=$((tanda_rounds + 1))
		[ "$tanda_rounds" -lt 5 ] && tanda_list_again "$2" || break
		# All that is still there can be read, so what cannot has gone.
		! tanda_has_gnu_tar || tanda_z=--ignore-failed-read
	done
	[ -s list ] || return 0
	tanda_first_line
	tanda_say failed "$tanda_serial" 0 "what it leaves cannot be packed: $tanda_x"
	return 1
}

# Those of the files in $@ that are not older than `since`: within one tick of the kernel's clock a
# file has the same time, and find knows only what is newer.
tanda_not_older='for tanda_x; do [ "$0" -nt "$tanda_x" ] || printf "%s\n" "$tanda_x"; done'

# The files below $tanda_dir that the job wrote, of the folders in $@: their names in `list`.
tanda_list() {
	cd "$tanda_dir" || return
	for tanda_x; do
		[ ! -e "./$tanda_x" ] ||
			find "./$tanda_x" -type f -exec sh -c "$tanda_not_older" "$tanda_station/since" {} +
	done
}

# What the job leaves, as archives that stay until they are acknowledged.
tanda_bring() {
	if ! tanda_is_empty batch/report; then
		(cd batch/report && find . -type f) >list
		tanda_pack "$tanda_key.tar" batch/report || return
	fi
	if [ $# -gt 0 ]; then
		(tanda_list "$@") >list
		tanda_pack "$tanda_key.files.tar" "$tanda_dir" || return
	fi
	printf '%s\n' "$tanda_code" >"$tanda_key.code"
	tanda_send bundle "$tanda_key.tar"
	[ $# -eq 0 ] || tanda_send files "$tanda_key.files.tar"
}

# A folder in it may be closed to its owner, as those of Go's module cache are.
tanda_remove() {
	rm -rf "$1" 2>/dev/null || { chmod -R u+rwx "$1"; rm -rf "$1"; } 2>/dev/null
}

# Empty folders serve the next job as well.
tanda_make_batch() {
	mkdir batch batch/report batch/tmp batch/files && chmod 700 batch/tmp
}

tanda_clear_batch() {
	if ! tanda_is_empty batch/report || ! tanda_is_empty batch/tmp || ! tanda_is_empty batch/files; then
		tanda_remove batch || mv batch "left$tanda_serial"
	fi
	[ "$tanda_acknowledged_count" -lt 20 ] || tanda_drop
}

tanda_drop() {
	rm -f $tanda_acknowledged
	tanda_acknowledged= tanda_acknowledged_count=0
}

# tanda_run SERIAL KEY DIR DROPS_STDERR MAX_BYTES ARGV...: one attempt, from its folders to what it
# brings back. tanda_environment, tanda_files and tanda_wanted are functions that came before it.
tanda_run() {
	tanda_serial=$1 tanda_key=$2 tanda_dir=$3 tanda_drops=$4 tanda_max=$5
	shift 5
	if tanda_may_start; then
		tanda_run_job "$@"
		read -r tanda_x <cut
		if [ "$tanda_started" = 1 ] && [ "$tanda_x" = 0 ]; then
			tanda_wanted
		fi
	fi
	tanda_clear_batch
	tanda_say done "$tanda_serial"
	times
}

tanda_may_start() {
	read -r tanda_x <"skip$((tanda_serial % 4))"
	if [ "$tanda_x" -eq "$((tanda_base + tanda_serial))" ]; then
		tanda_say skipped "$tanda_serial"
	elif [ ! -d batch/tmp ] && ! tanda_x=$(tanda_make_batch 2>&1); then
		tanda_first_line
		tanda_say refused "$tanda_serial" "its folders cannot be made: $tanda_x"
	elif ! tanda_files || ! true 2>/dev/null >since; then
		tanda_say refused "$tanda_serial" "its files cannot be written below $tanda_station"
	else
		return 0
	fi
	return 1
}

# tanda_fetch SERIAL STATION KEY MAX_BYTES: what an earlier connection left, once more.
tanda_fetch() {
	tanda_serial=$1 tanda_max=$4
	(tanda_end_station "$2")
	if { read -r tanda_x <"$2/$3.code"; } 2>/dev/null; then
		tanda_say exited "$1" "$tanda_x"
		tanda_send bundle "$2/$3.tar"
		tanda_send files "$2/$3.files.tar"
	else
		tanda_say failed "$1" 0 "there is nothing of it any more"
		tanda_remove_station "$2"
	fi
	tanda_say done "$1"
	times
}

# tanda_end_station STATION: of an earlier connection whose tanda is dead. Nothing starts in it any
# more, and what still runs is ended, as its own watch would do some seconds later. Only what carries
# its mark is touched: after a reboot its group's number may be another's.
tanda_end_station() {
	[ -e "$1/cut" ] || return
	tanda_station=$1
	printf '1\n' 1<>"$1/cut"
	tanda_clock
	tanda_until=$((tanda_now + 14)) tanda_kill=$((tanda_now + 2)) tanda_signal=TERM
	while tanda_find 0; { read -r tanda_job tanda_cat <"$1/job"; } 2>/dev/null; do
		tanda_job=$((tanda_job - tanda_base))
		if [ -z "$tanda_found" ] && { [ "$tanda_job" -le 0 ] || ! tanda_kill 0; }; then
			break
		fi
		tanda_clock
		[ "$tanda_now" -lt "$tanda_until" ] || break
		[ "$tanda_now" -lt "$tanda_kill" ] || tanda_signal=KILL
		[ -z "$tanda_found" ] || kill "-$tanda_signal" $tanda_found 2>/dev/null
		[ -z "$tanda_found" ] || kill -CONT $tanda_found 2>/dev/null
		sleep 0.1 2>/dev/null || sleep 1
	done
}

# tanda_remove_station STATION: another one, unless it keeps a result.
tanda_remove_station() {
	for tanda_x in "$1"/*.code; do
		[ -e "$tanda_x" ] || [ ! -e "$1/station.sh" ] || [ "$1" = "$tanda_station" ] || tanda_remove "$1"
		return
	done
}

# tanda_acknowledge STATION KEY
tanda_acknowledge() {
	if [ "$1" != "$tanda_station" ]; then
		rm -f "$1/$2.code" "$1/$2.tar" "$1/$2.files.tar"
		tanda_remove_station "$1"
		return
	fi
	tanda_acknowledged="$tanda_acknowledged $1/$2.code $1/$2.tar $1/$2.files.tar"
	tanda_acknowledged_count=$((tanda_acknowledged_count + 1))
}

# ---- the end of a job ----

# From now on nothing starts; what runs has $1 seconds.
tanda_cut() {
	printf '1\n' 1<>cut
	tanda_read_note
	tanda_rounds=0
	if [ "$tanda_job" -gt 0 ]; then
		tanda_kill TERM
		tanda_kill CONT
		while tanda_kill 0 && [ "$tanda_rounds" -lt "$(($1 * 10))" ]; do
			tanda_rounds=$((tanda_rounds + 1))
			sleep 0.1 2>/dev/null || sleep 1
		done
		tanda_kill KILL
	fi
	# What forks may have a child that was not there yet when it was looked for.
	tanda_rounds=0
	while tanda_find 0; [ -n "$tanda_found" ] && [ "$tanda_rounds" -lt 10 ]; do
		kill -KILL $tanda_found 2>/dev/null
		tanda_rounds=$((tanda_rounds + 1))
	done
}

# The station's own folder, unless a result waits in it that nobody has acknowledged.
tanda_forget() {
	for tanda_x in "$tanda_station"/*.code; do
		[ -e "$tanda_x" ] && [ "${tanda_is_done:-}" != 1 ] || tanda_remove "$tanda_station"
		return
	done
}

# ---- the watch ----

# tanda_watch STATION LINE EXECUTOR ZERO LEASE_S KILL_S
tanda_watch() {
	tanda_station=$1 tanda_last=0 tanda_waits=0
	trap : HUP TERM INT PIPE
	while sleep 1; do
		if ! tanda_lives "$2" || ! tanda_lives "$3"; then
			break
		fi
		read -r tanda_beats <beat
		tanda_clock
		[ "$((tanda_now - $4 - (tanda_beats - tanda_base)))" -lt "$5" ] || break
		tanda_read_note
		[ "$tanda_cat" -eq "$tanda_last" ] || tanda_waits=0
		# Somebody holds it; but on a slow connection there is output on its way.
		if [ "$tanda_cat" -gt 0 ] && [ "$((tanda_waits = tanda_waits + 1))" -gt 10 ]; then
			kill -KILL "$tanda_cat"
		fi
		tanda_last=$tanda_cat
	done
	tanda_cut "$6"
	kill -KILL "$2" "$3" 2>/dev/null
	tanda_forget
}

# ---- the line ----

# tanda_beat SECONDS: they were sent so long after the zero of tanda_join.
tanda_beat() {
	printf '%d\n' "$((tanda_base + $1))" 1<>beat
	tanda_say beat "$1" >&2
	if ! tanda_lives "$tanda_executor" || [ -e over ] || ! tanda_lives "$tanda_watch"; then
		tanda_say gone >&2
		exit 1
	fi
}

# How busy the node is, where its system tells: the first lines of three files.
tanda_sample() {
	tanda_x= tanda_y= tanda_z=
	{
		read -r tanda_x </proc/stat
		read -r tanda_y </proc/pressure/cpu
		read -r tanda_z </proc/loadavg
	} 2>/dev/null
	[ -z "$tanda_x" ] || tanda_say sampled "$tanda_x|$tanda_y|$tanda_z" >&2
}

# tanda_see DIR NAME TOKEN: is the folder there, and does it hold what was put into it elsewhere?
tanda_see() {
	tanda_y=2
	[ -d "$1" ] || tanda_y=1
	{ read -r tanda_x <"$1/$2"; } 2>/dev/null && [ "$tanda_x" = "$3" ] && tanda_y=0
	tanda_say seen "$tanda_y" >&2
}

tanda_pass() {
	printf '%s\n' "$1" >&4
}

# tanda_signal NAME SERIAL: to that job's whole group, if it still runs.
tanda_signal() {
	tanda_read_note
	[ "$tanda_job" -le 0 ] || [ "$tanda_noted" -ne "$2" ] || tanda_kill "$1"
}

# No result is wanted any more.
tanda_close() {
	tanda_is_done=1
	exit 0
}

# The connection is gone, or was closed.
tanda_hang_up() {
	trap '' HUP TERM INT
	tanda_cut "$tanda_kill_s"
	kill -KILL "-$tanda_watch" 2>/dev/null
	exec 4>&-
	tanda_rounds=0
	while tanda_lives "$tanda_executor" && [ ! -e over ] && [ "$tanda_rounds" -lt 60 ]; do
		tanda_rounds=$((tanda_rounds + 1))
		sleep 0.05 2>/dev/null || sleep 1
	done
	[ -e over ] || kill -KILL "$tanda_executor" 2>/dev/null
	[ -z "${tanda_own:-}" ] || (cd / && tanda_remove "$tanda_own")
	tanda_forget
	tanda_say bye
}

# tanda_join STATION NONCE EXECUTOR LEASE_S KILL_S: the line begins; its zero is now.
tanda_join() {
	tanda_station=$1 tanda_nonce=$2 tanda_executor=$3 tanda_kill_s=$5
	tanda_clock
	trap : PIPE
	$tanda_setsid "$tanda_sh" ./station.sh tanda_watch "$1" "$$" "$3" "$tanda_now" "$4" "$5" \
		</dev/null >/dev/null 2>&1 4>&- &
	tanda_watch=$!
	: >joined
	trap tanda_hang_up EXIT
	tanda_pass "cd '$1' && . ./station.sh && tanda_prepare '$1' '$2' $$"
	tanda_say ready "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 0)"
}

# tanda_prepare STATION NONCE LINE: the executor begins.
tanda_prepare() {
	tanda_station=$1 tanda_nonce=$2 tanda_line=$3 tanda_acknowledged= tanda_acknowledged_count=0
	trap : PIPE
	trap tanda_leave EXIT
}

# The executor is what the connection was made for: with its end some, as srun, kill all that it left,
# the line while it clears away among it. So it is the last to go.
tanda_leave() {
	tanda_drop
	: >over
	while tanda_lives "$tanda_line"; do
		sleep 0.05 2>/dev/null || sleep 1
	done
}

# tanda_skip SERIAL: it waits its turn, and is not to start. Of those that are here at a time each has
# a file of its own.
tanda_skip() {
	printf '%d\n' "$((tanda_base + $1))" 1<>"skip$(($1 % 4))"
}

# tanda_clear DIR: it is removed when this line has ended: the workspace, of which nobody has need then.
tanda_clear() {
	tanda_own=$1
}

# ---- the beginning ----

tanda_give_up() {
	tanda_say unfit "$1"
	exit 0
}

# What must be there, each with its remedy.
tanda_lacks() {
	for tanda_x in tar cat dd tr mkdir mkfifo mktemp rm chmod cksum find grep sleep; do
		command -v "$tanda_x" >/dev/null 2>&1 || printf '%s' "there is no $tanda_x: install it; "
	done
	command -v setsid >/dev/null 2>&1 || command -v perl >/dev/null 2>&1 ||
		printf '%s' "there is neither setsid (util-linux, busybox) nor perl: install one; "
}

# tanda_boot ROOT RUN NONCE: by the session's own shell. It must not read on from the connection,
# of which it may already hold a piece: nothing is sent until it has said `boot`.
tanda_boot() {
	tanda_nonce=$3 tanda_root=${1:-${TMPDIR:-/tmp}}
	tanda_x=$(tanda_lacks)
	[ -z "$tanda_x" ] || tanda_give_up "${tanda_x%; }"
	if ! tanda_station=$({ mkdir -p "$tanda_root" && mktemp -d "$tanda_root/tanda-$2-XXXXXX"; } 2>&1); then
		tanda_x=$tanda_station
		tanda_first_line
		tanda_give_up "no folder can be made in $tanda_root: $tanda_x"
	fi
	cd "$tanda_station" || exit 0
	if ! { printf '%s\n' "$tanda_text" >station.sh && printf '%s\n' "$3" >nonce && tanda_note 0 0 &&
		printf '%d\n' "$tanda_base" >beat &&
		for tanda_y in 0 1 2 3; do printf '%d\n' "$tanda_base" >"skip$tanda_y" || break; done &&
		printf '0\n' >cut && mkfifo script out; } 2>/dev/null; then
		cd / && rm -rf "$tanda_station"
		tanda_give_up "nothing can be written in $tanda_root: is the disk full?"
	fi
	exec 3<&0 4<>script
	# What is cut off before it has joined has no watch that would clear away.
	("$tanda_sh" <&3 3<&- & exec 3<&- 4<&-; wait "$!"; [ -e joined ] || tanda_forget) &
	tanda_say boot "$$" "$tanda_station"
	exec "$tanda_sh" <script 3<&- 4>&-
}

tanda_newline='
'
tanda_record=$(printf '\036')
tanda_sh=$(command -v sh)
# What ends with a zero byte is all that some see of a file unless they are told.
tanda_grep="grep -z"
printf 'a\000b\000' | grep -z -qF b 2>/dev/null || tanda_grep=grep
if command -v setsid >/dev/null 2>&1; then
	tanda_setsid=$(command -v setsid)
else
	tanda_setsid="$(command -v perl) -MPOSIX -e POSIX::setsid();exec{\$ARGV[0]}@ARGV"
fi


[ "${1:-}" != tanda_watch ] || "$@"
