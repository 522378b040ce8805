# needs: java javac
# variants: - parallel z serial interpreter tools
# fast: -
# seconds: 60
# A Java virtual machine (OpenJDK 17) with many threads, under each collector; its compiler and its tools.
exec 2>&1
cd /tmp || exit
cp /cases/Work.java . && javac -Xlint:none Work.java || exit
case $1 in
    '') java -Xmx256m Work ;;
    parallel) java -Xmx256m -XX:+UseParallelGC Work ;;
    z) java -Xmx512m -XX:+UseZGC Work ;;
    serial) java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 Work ;;
    interpreter) java -Xint -Xmx256m Work short ;;
    tools)
        java -Xmx128m Work wait > /tmp/out & pid=$!
        for _ in $(seq 100); do grep -q waiting /tmp/out && break; sleep 0.1; done
        jps | grep -c Work; jcmd $pid VM.version | tail -n 1 | cut -c 1-4; jstack $pid | grep -c -E '"(main|waiter-.)"'
        jcmd $pid GC.heap_info > /dev/null; echo $?; jcmd $pid GC.run | tail -n 1; jmap -histo $pid | grep -c 'java.lang.String$' ; jinfo -flag MaxHeapSize $pid
        kill -QUIT $pid; sleep 0.5; grep -c 'Full thread dump' /tmp/out; kill $pid; wait $pid; echo $?; tail -n 1 /tmp/out
        java -Xshare:dump > /dev/null 2>&1; echo $?; java -version 2>&1 | wc -l; java Nowhere; echo $?; java -Xmx1m -version 2>&1 | tail -n 1
        java -Xss300k Work overflow; java -Xmx20m Work memory; jar cf w.jar ./*.class && java -cp w.jar Work short | tail -n 1; jshell --execution local -s - <<< 'System.out.println(6 * 7)' 2> /dev/null; printf 'public class S { public static void main(String[] a) { System.out.println("source " + a[0]); } }' > S.java; java S.java one
        ;;
esac
echo "exit $?"
