# batch.sh - what a build runs for tanda: one batch, and then all that it leaves in one file that the
# build archives: tanda-result/tanda-KEY.bundle. It comes as a parameter of the build and needs POSIX sh
# and tar.
#
# The job runs in a session of its own, in the foreground: in the background it would ignore SIGINT.
# A watch beside it ends it when its limit is over, when the build is aborted, when the agent is gone,
# and when nobody listens any more: then nobody can stop it from outside, and a retry must not meet it.
tanda_say() {
	printf 'tanda: %s\n' "$*"
}

tanda_give_up() {
	tanda_say "$1"
	exit 1
}

# Nanoseconds, or whole seconds where date knows no better.
tanda_time() {
	tanda_x=$(date +%s%N)
	case $tanda_x in
	*[!0-9]* | ??????????) tanda_x=$(date +%s)000000000 ;;
	esac
	printf '%s\n' "$tanda_x"
}

# ---- the watch ----

# tanda_end SIGNAL SECONDS: to the job's whole group, which then has so long.
tanda_end() {
	{ read -r tanda_job <job; } 2>/dev/null || return
	kill "-$1" "-$tanda_job" 2>/dev/null
	kill -CONT "-$tanda_job" 2>/dev/null
	tanda_rounds=0
	while kill -0 "-$tanda_job" 2>/dev/null && [ "$tanda_rounds" -lt "$2" ]; do
		tanda_rounds=$((tanda_rounds + 1))
		sleep 1 >/dev/null 2>&1
	done
	kill -KILL "-$tanda_job" 2>/dev/null
}

# tanda_watch LIMIT_S SIGNAL GRACE_S AGENT
tanda_watch() {
	trap '' PIPE
	trap ': >stopped' TERM INT HUP
	tanda_seconds=0
	# What sleeps must not hold the build's output: it would be waited for.
	while sleep 1 >/dev/null 2>&1 || [ -e stopped ]; do
		tanda_seconds=$((tanda_seconds + 1))
		if [ -e stopped ]; then
			tanda_end TERM "$3"
		elif ! kill -0 "$4" 2>/dev/null; then
			tanda_end TERM 2
		elif [ $((tanda_seconds % 5)) = 0 ] && ! tanda_say "$tanda_seconds s" 2>/dev/null; then
			tanda_end TERM 2
		elif [ "$1" -gt 0 ] && [ "$tanda_seconds" -ge "$1" ]; then
			: >timed_out
			tanda_end "$2" "$3"
		fi
	done
}

# ---- the job ----

# Tell why it cannot start, from the shell that would have become it.
tanda_refuse() {
	printf '%s\n' "$1" >"$tanda_station/refused"
	exit 127
}

tanda_become() {
	tanda_environment
	unset TANDA_SCRIPT TANDA_ENV
	cd "$tanda_dir" 2>/dev/null ||
		tanda_refuse "cannot start '$1': its folder $tanda_dir is not there, or closed to this user"
	command -v -- "$1" >/dev/null 2>&1 ||
		tanda_refuse "cannot start '$1': it is not in PATH ($PATH); install it there or name its path"
	exec $tanda_setsid sh -c 'printf "%d\n" $$ >"$0/job"; exec "$@"' "$tanda_station" "$@"
}

# tanda_run DIR DROPS_STDERR LIMIT_S SIGNAL GRACE_S LOG_MAX_BYTES ARGV...
tanda_run() {
	tanda_dir=$1 tanda_drops=$2 tanda_log_max=$6
	tanda_watch "$3" "$4" "$5" "$PPID" &
	tanda_watcher=$!
	shift 6
	mkfifo out || tanda_give_up "no pipe can be made in $tanda_station"
	tee log <out &
	tanda_tee=$!
	exec 5>out
	: >since
	tanda_began=$(tanda_time)
	if [ "$tanda_drops" = 1 ]; then
		(tanda_become "$@") </dev/null >&5 2>/dev/null 5>&-
	else
		(tanda_become "$@") </dev/null >&5 2>&1 5>&-
	fi
	tanda_code=$?
	tanda_took=$((($(tanda_time) - tanda_began) / 1000000))
	times >times
	kill -KILL "$tanda_watcher" 2>/dev/null
	exec 5>&-
	tanda_settle
	tanda_wanted
	rm -rf batch out
	exit "$tanda_code"
}

# What it left has half a second to go by itself; who holds the output longer is not waited for.
tanda_settle() {
	tanda_rounds=0
	while [ "$tanda_rounds" -lt 5 ]; do
		{ read -r tanda_job <job; } 2>/dev/null && kill -0 "-$tanda_job" 2>/dev/null || break
		tanda_rounds=$((tanda_rounds + 1))
		sleep 0.1 2>/dev/null || sleep 1
	done
	[ -z "${tanda_job:-}" ] || kill -KILL "-$tanda_job" 2>/dev/null
	tanda_rounds=0
	while kill -0 "$tanda_tee" 2>/dev/null && [ "$tanda_rounds" -lt 10 ]; do
		tanda_rounds=$((tanda_rounds + 1))
		sleep 0.05 2>/dev/null || sleep 1
	done
	kill -KILL "$tanda_tee" 2>/dev/null
}

# ---- what it leaves ----

# tanda_pack FILE DIR: the files of DIR that are in `list`.
tanda_pack() {
	[ -s list ] || return
	tanda_x=$(TAR_OPTIONS= tar -cf "$1" -C "$2" -T list 2>&1) && return
	rm -f "$1"
	printf '%s\n' "$tanda_x" >failed
}

# tanda_describe NAME FILE: its size and checksum, for the head of the bundle.
tanda_describe() {
	[ -e "$2" ] || : >"$2"
	tanda_x=$(cksum <"$2")
	printf '%s %s\n' "$1" "$tanda_x"
}

tanda_cut_log() {
	tanda_x=$(($(wc -c <log)))
	tanda_dropped=0
	[ "$tanda_x" -gt "$tanda_log_max" ] || return
	tanda_dropped=$((tanda_x - tanda_log_max))
	{ head -c $((tanda_log_max / 4 * 3)) log; printf '\n...[tanda: dropped %d bytes]...\n' "$tanda_dropped"
		tail -c $((tanda_log_max / 4)) log; } >log.cut
	mv log.cut log
}

tanda_first_line() {
	{ read -r tanda_x <"$1"; } 2>/dev/null && printf '%s %s\n' "$1" "$tanda_x"
}

tanda_head() {
	printf 'tanda-bundle 1\nkey %s\nexit %d\nelapsed_ms %d\ndropped %d\n' "$tanda_key" "$tanda_code" \
		"$tanda_took" "$tanda_dropped"
	printf 'workspace %s\n' "$tanda_workspace"
	[ ! -e timed_out ] || echo 'timed_out 1'
	[ ! -e stopped ] || echo 'stopped 1'
	tanda_first_line refused
	tanda_first_line failed
	{ read -r tanda_x; read -r tanda_x; } <times && printf 'times %s\n' "$tanda_x"
	tanda_describe report report.tar
	tanda_describe files files.tar
	tanda_describe log log
	echo
}

# Those of the files in $@ that are not older than `since`: within one tick of the kernel's clock a
# file has the same time, and find knows only what is newer.
tanda_not_older='for tanda_x; do [ "$0" -nt "$tanda_x" ] || printf "%s\n" "$tanda_x"; done'

# tanda_bring FOLDER...: the reports, what was written in these folders, and the output, as one file.
tanda_bring() {
	(cd batch/report && find . -type f) >list
	tanda_pack report.tar batch/report
	(cd "$tanda_dir" && for tanda_x; do
		[ ! -e "./$tanda_x" ] || find "./$tanda_x" -type f ! -path '*/tanda-result/*' \
			-exec sh -c "$tanda_not_older" "$tanda_station/since" {} +
	done) >list
	tanda_pack files.tar "$tanda_dir"
	[ -e log ] || : >log
	tanda_cut_log
	tanda_head >head && cat head report.tar files.tar log >part && mv part "tanda-$tanda_key.bundle" ||
		tanda_give_up "its bundle cannot be written in $tanda_station"
	rm -f head report.tar files.tar log list times since job
}

# tanda_begin KEY: before anything runs, the result folder is wiped: it may be another build's.
tanda_begin() {
	tanda_key=$1 tanda_workspace=$(pwd) tanda_job=
	tanda_station=$tanda_workspace/tanda-result
	[ "${TANDA_KEY:-}" = "$1" ] || tanda_give_up "this build is for another key"
	rm -rf "$tanda_station"
	mkdir "$tanda_station" && cd "$tanda_station" && mkdir batch batch/report batch/files batch/tmp &&
		chmod 700 batch/tmp || tanda_give_up "$tanda_station cannot be made: is the disk full?"
	if command -v setsid >/dev/null 2>&1; then
		tanda_setsid=setsid
	else
		tanda_setsid='perl -MPOSIX -e POSIX::setsid();exec{$ARGV[0]}@ARGV'
	fi
}
