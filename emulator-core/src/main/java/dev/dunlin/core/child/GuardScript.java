package dev.dunlin.core.child;

/**
 * What the guard runs: POSIX sh and its built-ins, with proc(5) and, for a helper whose PID it
 * never learnt, grep and sleep.
 *
 * <p>Its input has three kinds of lines: {@code ? MARK} (a helper is about to be started), {@code +
 * MARK PID} (it has been), {@code - MARK} (it has ended). It keeps {@code MARK:PID:STARTTIME}. At
 * end of file it kills every process of every session that such a PID leads or led. A leader with
 * another start time is a stranger who got the number, so that session is left alone.
 */
final class GuardScript {
  static final String TEXT =
      """
      trap '' HUP INT QUIT TERM
      list=' '

      look() {
        state= session= start=
        if read -r line 2>/dev/null </proc/$1/stat; then
          set -- ${line##*) }
          state=$1 session=$4 start=${20}
        fi
      } 2>/dev/null

      drop() {
        case $list in
          *" $1:"*)
            rest=${list#*" $1:"}
            list="${list%%" $1:"*} ${rest#* }"
            ;;
        esac
      }

      end_session() {
        kill -KILL -- "-$1"
        left=1 round=0
        while [ $left = 1 ] && [ $round -lt 20 ]; do
          left=0 round=$((round + 1))
          for entry in /proc/[0-9]*; do
            look "${entry#/proc/}"
            if [ "$session" = "$1" ] && [ "$state" != Z ]; then
              kill -KILL "${entry#/proc/}"
              left=1
            fi
          done
        done
      } 2>/dev/null

      end_marked() {
        for round in 1 2 3 4 5 6 7 8 9 10; do
          for entry in $(grep -lsaF "DUNLIN_HELPER=$1" /proc/[0-9]*/environ); do
            entry=${entry#/proc/}
            kill -KILL "${entry%/environ}"
          done
          sleep 0.1
        done
      } 2>/dev/null

      while read -r sign mark pid; do
        case $sign in
          '?') list="$list$mark:: " ;;
          '+') drop "$mark"; look "$pid"; list="$list$mark:$pid:$start " ;;
          '-') drop "$mark" ;;
        esac
      done

      for item in $list; do
        mark=${item%%:*} rest=${item#*:}
        pid=${rest%%:*} then=${rest#*:}
        if [ -z "$pid" ]; then
          end_marked "$mark"
        else
          look "$pid"
          if [ -z "$start" ] || [ "$start" = "$then" ]; then
            end_session "$pid"
          fi
        fi
      done
      """;

  private GuardScript() {}
}
