# Builds Dunlin when it isn't built or its sources are newer, and sets what its programs start with: sourced by ./dunlin
# and ./dunlin-stream, with $root set. It leaves $java_home, $flags, $share, $stub and $jar.
# shellcheck shell=sh

jar=$root/launcher/target/dunlin.jar
say() { [ "${DUNLIN_BUILD-}" = never ] || echo "dunlin: $*" >&2; }

. "$root/scripts/java.sh"

sources='pom.xml'
for module in ram-model emulator-core net-slirp migration launcher; do
    sources="$sources $module/pom.xml $module/src/main"
done

# Directories too, since a deleted source changes nothing else.
outdated() {
    [ ! -e "$jar" ] && return 0
    [ "${DUNLIN_BUILD-}" != never ] && [ -n "$(cd "$root" && find $sources -newer "$jar" -print -quit)" ]
}

# One builder at a time; the others wait for it and then find the work done.
locked() {
    mkdir -p "$root/.dunlin-build"
    (flock 9 && "$@") 9>"$root/.dunlin-build/lock" </dev/null
}

build() {
    outdated || return 0
    require_java javac
    say "building with Java $java_version (about a minute the first time)"
    log=$root/.dunlin-build/log
    if ! run_maven "$root" -pl launcher -am -Dmaven.test.skip=true package >"$log" 2>&1; then
        grep -E '^\[ERROR\]|^mvnw|annot' "$log" >&2 || tail -n 20 "$log" >&2
        say "the build failed; all of its output is in $log"
        return 1
    fi
    touch "$jar"
}

# Class data for a fast start, one archive per Java: made by a run that goes through a small migration.
train() {
    [ ! "$archive" -nt "$jar" ] || return 0
    say "preparing a fast start on Java $java_version (once)"
    mkdir -p "${archive%/*}"
    printf 'help\ninfo status\nmigrate "exec:cat >/dev/null"\ninfo migrate\nquit\n' |
        "$java_home/bin/java" $flags -Djffi.boot.library.path="$stub" -XX:ArchiveClassesAtExit="$archive.new" \
            -jar "$jar" -m 16 -net nic -net user -monitor stdio \
            >"$root/.dunlin-build/train.log" 2>&1 9>&- || true
    # Without one Dunlin starts all the same, only slower; an empty file stops trying at every start.
    [ -e "$archive.new" ] || : >"$archive.new"
    mv "$archive.new" "$archive"
}

if outdated; then
    if [ -w "$root" ]; then
        locked build
    elif [ ! -e "$jar" ]; then
        say "not built yet, and $root can't be written"
        exit 1
    fi
fi
require_java java

# Nothing of the JVM's own may reach stdout, where the monitor speaks; no file in /tmp for jps. The jar's manifest
# allows native access: as a flag it would cost the archive its module graph. What is made and dropped, which is little,
# goes round in 16 MiB instead of spreading over the heap that the machine's size suggests.
flags="-XX:+UseSerialGC -Xmn16m -XX:-UsePerfData -Xlog:disable -Xlog:all=error:stderr -Xlog:cds*=off"
[ "$java_version" -lt 23 ] || flags="$flags --sun-misc-unsafe-memory-access=allow"
# The native stub unpacked by the build; where there is none for this machine, jffi looks into its own jar.
stub=$root/launcher/target/native/jni/$(uname -m)-Linux

archive=$root/launcher/target/cds/java-$(cksum <"$java_home/release" | tr ' ' -).jsa
if [ ! "$archive" -nt "$jar" ] && [ -w "$root/launcher/target" ]; then
    locked train
fi
share=-Xshare:auto
[ ! -s "$archive" ] || share=-XX:SharedArchiveFile=$archive
