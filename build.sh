# For ./runsc and ./test, which source it with $here set to the root: the JDK, Maven, and whether the image is current.

image=$here/jlink/target/runsc
# Dated when the build of the image began, so that a source saved during the build counts as newer.
stamp=$image.stamp

# Whether the image is missing or a source of it is newer. A few milliseconds.
image_stale() {
    [ -x "$image/bin/runsc" ] && [ -e "$stamp" ] || return 0
    [ -n "$(cd "$here" && find pom.xml jlink/pom.xml jlink/make-image third-party/pom.xml third-party/*/pom.xml \
        third-party/*/src modules/*/pom.xml modules/*/src/main -newer "$stamp" -print -quit)" ]
}

# Sets JAVA_HOME to a JDK 25, whatever java is on the PATH.
find_jdk() {
    local home
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
        if [ -x "$home/bin/jlink" ] && grep -q '^JAVA_VERSION="25[."]' "$home/release" 2> /dev/null; then
            export JAVA_HOME=$home
            return
        fi
    done
    echo "runsc is built with JDK 25; there is none in JAVA_HOME (${JAVA_HOME:-not set}) and none in /usr/lib/jvm." >&2
    echo "Install one, for instance temurin-25-jdk from https://adoptium.net, or point JAVA_HOME at it." >&2
    return 1
}

# Runs Maven on that JDK, from the root.
maven() {
    if ! command -v mvn > /dev/null; then
        echo "runsc is built with Maven; there is no mvn on the PATH. Install it: apt-get install maven" >&2
        return 1
    fi
    find_jdk || return
    mkdir -p "$here/jlink/target"
    touch "$image.started" # make-image turns it into the stamp
    (cd "$here" && MAVEN_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${MAVEN_OPTS:-}" mvn -B "$@")
}

# Waits for other builds of this tree to end and keeps new ones out until unlock_tree.
lock_tree() {
    mkdir -p "$here/jlink/target"
    exec 9> "$here/jlink/target/build.lock"
    flock 9
}

unlock_tree() {
    exec 9>&-
}

# What a person needs of the log of a failed build.
explain() { # LOG
    sed -e 's/\x1b\[[0-9;]*m//g' "$1" | grep -v -E -e '^WARNING: |^\[INFO\]|^ *$|^    at |^\[ERROR\] *$' \
        -e '^\[WARNING\] Overwriting' -e '^\[ERROR\] (Command execution failed|To see the full|Re-run Maven|For more info|\[Help|After correcting|  mvn)' |
        tail -n 30
}
