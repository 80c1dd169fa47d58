# Finds Java 17 or newer without starting it: sourced by ./dunlin, ./test and bench/.
# shellcheck shell=sh

# Prints the feature version of the JDK or JRE in $1, from its release file; nothing when there is none.
java_feature() {
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
    while IFS='=' read -r key value; do
        if [ "$key" = JAVA_VERSION ]; then
            value=${value#\"}
            echo "${value%%[!0-9]*}"
            return 0
        fi
    done <"$1/release"
}

# Prints every place where Java may be, the likeliest first.
java_candidates() {
    [ -z "${JAVA_HOME-}" ] || echo "$JAVA_HOME"
    if found=$(command -v java); then
        found=$(readlink -f "$found")
        echo "${found%/bin/java}"
    fi
    for place in /usr/lib/jvm/*; do
        [ -L "$place" ] || echo "$place"
    done
}

# Sets java_home and java_version to the first Java 17 or newer that also has the program $1 (java, javac).
find_java() {
    java_home='' java_version=''
    # A here-document and not a pipe: a pipe's reader would set its variables in a subshell.
    while read -r place; do
        version=$(java_feature "$place")
        if [ "${version:-0}" -ge 17 ] && [ -x "$place/bin/$1" ]; then
            java_home=$place java_version=$version
            return 0
        fi
    done <<EOF
$(java_candidates)
EOF
    return 1
}

# As find_java; installs Debian's default JDK when there is none and this is root, else says what to run.
require_java() {
    find_java "$1" && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing Java: apt-get install default-jdk-headless" >&2
        { apt-get -q update && DEBIAN_FRONTEND=noninteractive \
            apt-get -qy install --no-install-recommends default-jdk-headless; } </dev/null >&2 || return 1
        find_java "$1" && return 0
    fi
    echo "Dunlin needs a JDK, 17 or newer. Install it with: sudo apt-get install default-jdk-headless" >&2
    return 1
}

# Runs Maven on the Java found, in the checkout $1, without the warnings that newer Javas have about Maven itself.
run_maven() {
    checkout=$1
    shift
    options=${MAVEN_OPTS-}
    [ "$java_version" -lt 23 ] ||
        options="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow $options"
    (cd "$checkout" && JAVA_HOME=$java_home MAVEN_OPTS=$options ./mvnw -B -ntp "$@" </dev/null)
}
