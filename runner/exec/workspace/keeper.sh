# keeper.sh - what a node does for its workspace; sent with each connection, needs POSIX sh and what
# station.sh needs. Its arguments: VERB WORD ROOT RUN NODE BOX, and those of the verb.
#
# BOX is the folder, below ROOT, of a workspace that is kept from run to run:
#   clone   the project, when git brings it; else
#   tree    the project
#   names   all that was ever brought into it and not yet removed, "./NAME" NUL
#   want    what it is to hold from now on, the same way
#   owner   a link that names the run it belongs to (take)
#   turn    the word of the transfer that may write to it, and who is about to, `writer`
#   parts   what rsync has not brought to its end
#
# `names` is written before anything is brought, so that what an interrupted transfer left is known
# to the next one. Nothing is remembered of what a file looked like: it is looked at.
LC_ALL=C
export LC_ALL
unset TAR_OPTIONS # they are for archives of the user's own
verb=$1 word=$2 root=${3:-${TMPDIR:-/tmp}} run=$4 node=$5 box=$6
case $root in
*/) ;;
*) root=$root/ ;;
esac

say() {
	printf '\n%s %s\n' "$word" "$*"
}

# The box cannot be used, but another folder may: the reason is for people.
apart() {
	say apart "$1"
	exit 0
}

# A folder in it may be closed to its owner. No link is followed, nor is anything of somebody else
# opened.
remove_each='for f; do
	rm -rf "$f" 2>/dev/null && continue
	[ ! -h "$f" ] && [ -O "$f" ] && chmod -R u+rwx "$f" 2>/dev/null
	rm -rf "$f" 2>/dev/null
done'

remove() {
	sh -c "$remove_each" sh "$1"
}

# What a run that could not clear away has left, and workspaces that nobody came back to.
sweep_up() {
	find "$root"tanda-work-* -prune -mtime +1 -exec sh -c "$remove_each" sh {} + 2>/dev/null
	find "$root"tanda-keep-* -prune -mtime +30 -exec sh -c "$remove_each" sh {} + 2>/dev/null
}

# ---- whose it is ----

# is_alive RUN: one of its shells here has heard a heartbeat within two minutes; without one its
# jobs are dead after ten seconds. A find that cannot tell counts as a yes.
is_alive() {
	for x in "$root"tanda-"$1"-??????/beat; do
		[ -e "$x" ] || continue
		[ -z "$(find "$x" -mmin -2 2>&1)" ] || return 0
	done
	return 1
}

# is_busy RUN: does a job of it run?
is_busy() {
	for x in "$root"tanda-"$1"-??????/job; do
		{ read -r job y <"$x"; } 2>/dev/null || continue
		job=$((job - 1000000000))
		[ "$job" -le 0 ] || ! kill -0 "-$job" 2>/dev/null || return 0
	done
	return 1
}

# An earlier connection's jobs are killed when they miss its heartbeats, and not before.
wait_for_end() {
	rounds=0
	while is_busy "$1"; do
		rounds=$((rounds + 1))
		[ "$rounds" -le 15 ] || apart "a job of the run $1 does not end"
		sleep 1
	done
}

# The link is made or it is not; only who has `taking` may replace the one of a dead run.
take() {
	ln -s "$run" "$box/owner" 2>/dev/null && return
	owner=$(readlink "$box/owner") || apart "it cannot be locked"
	if [ "$owner" != "$run" ]; then
		! is_alive "$owner" || apart "the run $owner works in it"
		wait_for_end "$owner"
		if ! mkdir "$box/taking" 2>/dev/null; then
			find "$box/taking" -prune -mmin +2 -exec rmdir {} + 2>/dev/null
			apart "another run is about to work in it"
		fi
		[ "$(readlink "$box/owner")" != "$owner" ] ||
			{ rm -f "$box/owner" && ln -s "$run" "$box/owner"; }
		rmdir "$box/taking"
		[ "$(readlink "$box/owner")" = "$run" ] || apart "another run works in it"
	fi
	wait_for_end "$run"
}

# Does the process live that is about to write? After a restart its number may be another's.
is_written() {
	{ read -r x y <"$box/writer"; } 2>/dev/null && [ -n "$x" ] && kill -0 "$x" 2>/dev/null || return
	[ -r "/proc/$x/cmdline" ] || return 0
	case $(tr '\000' ' ' <"/proc/$x/cmdline") in
	*"$y"* | *rsync*) ;;
	*) return 1 ;;
	esac
}

# The tanda of an earlier transfer may be dead while what it has started goes on, and brings files of
# yesterday: nothing begins beside one that does, and none that comes late begins at all.
begin_turn() {
	rounds=0
	while is_written; do
		rounds=$((rounds + 1))
		[ "$rounds" -le 15 ] || apart "an earlier transfer does not end"
		sleep 1
	done
	printf '%s\n' "$word" >"$box/turn" || exit 1
	write_now
}

go_on_with_turn() {
	box=$root$box
	cd "$box" && read -r x <turn || exit 1
	[ "$x" = "$word" ] || { echo "another run has taken its folder over" >&2 && exit 1; }
	write_now
}

write_now() {
	printf '%s %s\n' "$$" "$word" >"$box/writer" || exit 1
	trap ': >"$box/writer"' EXIT
}

enter() {
	umask 077
	box=$root$box
	mkdir -p "$root" || exit 1
	sweep_up
	mkdir "$box" 2>/dev/null
	[ -d "$box" ] || { mkdir "$box" && exit 1; }
	if [ -h "$box" ] || [ ! -O "$box" ]; then
		apart "$box is not this user's own"
	fi
	{ chmod 700 "$box" && cd "$box"; } || exit 1
}

# ---- what it is like ----

# The state of each entry, NUL behind it: "d", "f", "l" and a link's target, "o" for anything else,
# "-" for nothing; behind "d" and "f" what this user may do with it. Names that cksum may spell in
# its own way have their sum here; of the others it comes later.
look='newline="
"
for f; do
	may=
	if [ -h "$f" ]; then
		x=$(readlink "$f"; printf x)
		printf "l%s\0" "${x%"${newline}x"}"
		continue
	elif [ -f "$f" ]; then
		state=f
	elif [ -d "$f" ]; then
		state=d
	elif [ -e "$f" ]; then
		printf "o\0"
		continue
	else
		printf -- "-\0"
		continue
	fi
	[ ! -r "$f" ] || may=r
	[ ! -w "$f" ] || may=${may}w
	[ ! -x "$f" ] || may=${may}x
	case $state$may,$f in
	fr*,*["$newline\\"]*) printf "%s %s\0" "$state$may" "$(cksum <"$f")" ;;
	fr*) printf "%s\0" "$state$may" && printf "%s\0" "$f" >&3 ;;
	*) printf "%s\0" "$state$may" ;;
	esac
done'

# By way of a file: a connection would carry each state as a packet of its own.
tell_states() {
	(cd tree && xargs -0 sh -c "$look" sh <../want >../states 3>../files) || return
	cat states
	printf '\0'
	(cd tree && [ ! -s ../files ] || xargs -0 cksum <../files 2>/dev/null)
	say end
}

tell_tools() {
	say answer "$(pwd)/tree"
	[ "$(id -u)" = 0 ] && printf 'root\0' || printf 'user\0'
	command -v rsync >/dev/null 2>&1 && printf 'rsync\0' || printf 'tar\0'
}

# ask: the names come in, what is here goes out.
ask() {
	enter
	printf x | xargs -0 true 2>/dev/null || apart "there is no xargs that knows -0"
	take
	begin_turn
	[ -d parts ] || mkdir parts || exit 1
	for x in parts/.??*; do
		[ ! -e "$x" ] || rm -f "$x"
	done
	cat >want.new && mv want.new want || exit 1
	if [ -e names ] && [ -d tree ] && [ ! -h tree ]; then
		tell_tools
		if [ "$(cksum <want)" = "$(cksum <names)" ]; then
			printf 'same\0'
		else
			printf 'other\0' && cat names && printf '\0' || exit 1
			cat want >>names || exit 1
		fi
		tell_states
		return
	fi
	remove tree
	{ mkdir tree && cat want >names; } || exit 1
	tell_tools
	printf 'new\0'
	say end
}

# ---- what changes ----

# A letter before each name: "x" is in the way, whatever it is; "s" is no longer part of the project;
# "o" is a folder that was closed. Through a link nothing is touched: it leads elsewhere.
clear_one='for f; do
	letter=${f%"${f#?}"} f=${f#?} is_inside=1
	parent=$f
	while parent=${parent%/*}; [ "$parent" != . ]; do
		[ ! -h "$parent" ] || is_inside=0
	done
	[ "$is_inside" = 1 ] || continue
	case $letter in
	x)
		[ -h "$f" ] || [ ! -d "$f" ] || chmod -R u+rwx "$f"
		rm -rf "$f" || exit 1
		;;
	o) chmod u+rwx "$f" || exit 1 ;;
	s)
		if [ -d "$f" ] && [ ! -h "$f" ]; then
			printf "%s\0" "$f" >&4
		else
			printf "%s\0" "$f" >&3
		fi
		;;
	esac
done'

# clear: the letters and names come in. Folders that hold something else stay.
clear() {
	go_on_with_turn
	cd tree || exit 1
	xargs -0 sh -c "$clear_one" sh 3>../files 4>../folders || exit 1
	[ ! -s ../files ] || xargs -0 rm -f <../files || exit 1
	[ ! -s ../folders ] || xargs -0 rmdir <../folders 2>/dev/null
	cd .. && cat want >names.new && mv names.new names || exit 1
	say cleared
}

# send: an archive comes in, and what is here then goes out.
send() {
	unpack -xpof
}

# renew: the same, where something may have been built of the files that these replace. Those that
# come now must be newer than that: they get the time at which they arrive.
renew() {
	unpack -xpomf
}

unpack() {
	go_on_with_turn
	(cd tree && tar "$1" -) || exit 1
	tell_tools
	printf 'same\0'
	tell_states
}

# alone LAST: an archive comes in, for a folder of this run's own. One that is cut off between two
# files looks whole to tar, but does not hold its LAST. Nobody else may be there to clear away.
alone() {
	begin_alone && (cd "$dir" && unpack_alone "$1") && return
	remove "$dir"
	exit 1
}

unpack_alone() {
	say begun "$(pwd)"
	tar -xpof - && holds "$1" && say alone "$(pwd)"
}

holds() {
	[ -e "$1" ] || [ -h "$1" ] || { echo "the archive has come without its end" >&2 && return 1; }
}

begin_alone() {
	mkdir -p "$root" || exit 1
	sweep_up
	dir=${root}tanda-work-$run-$node
	remove "$dir"
	mkdir "$dir" && chmod 700 "$dir"
}

# ---- by git ----

# The node cannot have it so: the reason is for people.
refuse() {
	say refused "$1"
	[ -z "${dir:-}" ] || (cd / && remove "$dir")
	exit 0
}

# The first of what git complained, on one line.
complaint() {
	grep . errors 2>/dev/null | head -n 2 | tr '\n\t' '  '
}

# Nothing that a test may have left in the clone, and nothing that the user there has set up for other
# work, decides what is seen and what is run.
of_clone() {
	git -C clone --git-dir=.git --work-tree=. --no-replace-objects -c core.hooksPath=/dev/null \
		-c core.fileMode=true -c core.symlinks=true -c core.autocrlf=false -c core.eol=lf \
		-c core.attributesFile=/dev/null -c core.excludesFile=/dev/null \
		-c core.ignoreStat=false -c core.trustctime=true -c core.checkStat=default \
		-c core.fsmonitor=false -c core.untrackedCache=false -c core.sparseCheckout=false \
		-c http.lowSpeedLimit=1 -c http.lowSpeedTime=60 -c gc.autoDetach=false \
		-c advice.detachedHead=false -c submodule.recurse=false "$@"
}

has_commit() {
	of_clone cat-file -e "$commit^{commit}" 2>/dev/null
}

# The commit alone; from servers that do not let one ask for it, all that leads to their branches.
fetch() {
	has_commit && return
	was_fetched=1
	of_clone fetch -q --no-tags --no-recurse-submodules --depth 1 origin "$commit" 2>errors && has_commit && return
	if grep -q 'unadvertised object' errors; then
		of_clone fetch -q --no-tags --no-recurse-submodules origin '+refs/heads/*:refs/remotes/origin/*' 2>errors && : >errors
	elif grep -q 'not our ref' errors; then
		: >errors
	fi
	[ ! -s errors ] || refuse "git cannot fetch from $url: $(complaint)"
	has_commit || refuse "commit $commit is not at $url: push it, or let \"workspace\": \"sync\" bring what stands here"
}

# Of an earlier clone its objects are of use, where it stands, and which files it has looked at. How it
# is set up, what it ignores and what its submodules are is not the clone's to say: a test may have
# changed it.
begin_clone() {
	if [ -h clone ] || [ -h clone/.git ] || [ -h clone/.git/objects ] || [ ! -d clone/.git/objects ]; then
		remove clone
	fi
	head=$(of_clone rev-parse -q --verify HEAD 2>/dev/null)
	for x in clone/.git/*; do
		case $x in
		*/objects | */shallow | */index) ;;
		*) rm -rf "$x" ;;
		esac
	done
	rm -rf clone/.git/objects/info
	git init -q --template= clone 2>errors || return
	[ -z "$head" ] || of_clone update-ref --no-deref HEAD "$head" 2>/dev/null
	of_clone config remote.origin.url "$url" 2>errors
}

check_submodules_out() {
	[ -e clone/.gitmodules ] || return 0
	of_clone submodule -q deinit -f --all >/dev/null 2>errors || return
	of_clone submodule -q sync --recursive 2>errors || return
	of_clone submodule -q update --init --recursive --force --depth 1 >/dev/null 2>errors ||
		of_clone submodule -q update --init --recursive --force >/dev/null 2>errors || return
	of_clone submodule -q foreach --recursive 'git clean -q -ffd' >/dev/null 2>errors
}

# Files that a program is to bring, such as those of Git LFS, would be something else without it.
check_filters() {
	of_clone ls-files -z | of_clone check-attr -z --stdin filter | tr '\000\n' '\n ' | sed -n 'n;n;p' |
		sort -u >filters
	while IFS= read -r x; do
		case $x in
		unspecified | unset | set | "") continue ;;
		esac
		of_clone config --get "filter.$x.process" >/dev/null || of_clone config --get "filter.$x.smudge" >/dev/null ||
			refuse "files of the commit want git's filter $x, which git there does not know: install it (git $x install), or let \"workspace\": \"sync\" bring the project"
	done <filters
}

# It stands at the commit, and git sees no difference.
check_out() {
	# Files that a test told git not to look at.
	! of_clone ls-files -v 2>/dev/null | grep -q '^[Sa-z]' || rm -f clone/.git/index
	of_clone checkout -q -f --detach "$commit" 2>errors || return
	of_clone clean -q -ffd 2>errors && check_submodules_out || return
	[ "$(of_clone rev-parse HEAD 2>errors)" = "$commit" ] || return
	changed=$(of_clone status --porcelain --ignore-submodules=none 2>errors) || return
	[ -z "$changed" ] || { printf '%s\n' "it differs after the checkout: $changed" >errors && return 1; }
}

# checkout COMMIT URL PREFIX STAYS: the commit, from where the node itself may fetch it.
checkout() {
	commit=$1 url=$2 prefix=$3 was_fetched=0 mask=$(umask)
	command -v git >/dev/null 2>&1 ||
		refuse "there is no git: install it there, or let \"workspace\": \"sync\" bring the project"
	unset $(git rev-parse --local-env-vars | grep -v '^GIT_CONFIG_')
	export GIT_TERMINAL_PROMPT=0 GIT_ATTR_NOSYSTEM=1 GIT_NO_REPLACE_OBJECTS=1
	ssh=${GIT_SSH_COMMAND:-$(git config --get core.sshCommand || echo ssh)}
	export GIT_SSH_COMMAND="$ssh -o BatchMode=yes -o ConnectTimeout=60 -o ServerAliveInterval=15"
	if [ "$4" = 1 ]; then
		enter
		take
		begin_turn
	else
		begin_alone && cd "$dir" || exit 1
	fi
	umask "$mask"
	begin_clone && fetch && check_out || {
		# What is broken there is begun anew, once.
		remove clone
		begin_clone && fetch && check_out || refuse "git cannot check it out: $(complaint)"
	}
	check_filters
	[ -d "clone/$prefix" ] || refuse "there is no folder $prefix in commit $commit"
	say standing "$was_fetched" "$(pwd)"
}

shift 6
case $verb in
ask) ask ;;
clear) clear ;;
send) send ;;
renew) renew ;;
alone) alone "$@" ;;
checkout) checkout "$@" ;;
esac
