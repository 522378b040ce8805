# needs: sysbench
# variants: cpu threads mutex memory fileio
# fast: cpu threads mutex memory
# seconds: 60
# sysbench's own tests. Their figures differ; that they count something, and the rest of what they say, does not.
cd /tmp || exit
s=$([ -n "$FAST" ] && echo 1 || echo 3)
case $1 in
    cpu) sysbench cpu --threads=4 --time="$s" --cpu-max-prime=5000 run ;;
    threads) sysbench threads --threads=16 --time="$s" --thread-locks=4 --thread-yields=50 run ;;
    mutex) sysbench mutex --threads=8 --mutex-locks=5000 --mutex-loops=100 --mutex-num=64 run ;;
    memory)
        for o in 'read seq' 'write rnd' 'read rnd' 'write seq'; do
            sysbench memory --threads=2 --time="$s" --memory-total-size=200M --memory-block-size=64K --memory-oper="${o% *}" --memory-access-mode="${o#* }" run
        done
        sysbench memory --memory-scope=local --memory-hugetlb=off --time="$s" --memory-total-size=50M run ;;
    fileio)
        sysbench fileio --file-num=4 --file-total-size=16M prepare
        for m in seqwr seqrewr seqrd rndrd rndwr rndrw; do for io in sync mmap; do
            sysbench fileio --file-num=4 --file-total-size=16M --file-test-mode=$m --file-io-mode=$io --time=1 --threads=4 run
        done; done
        sysbench fileio --file-num=4 --file-total-size=16M cleanup ;;
esac 2>&1 | sed -E 's/[1-9][0-9]*(\.[0-9]+)?/N/g; s/\b0(\.[0-9]+)?\b/N/g; s/[0-9N]+\.[0-9N]+/N/g; s/ +/ /g; s/N+/N/g' | grep -v -E '^ *(min|avg|max|sum|95th).*|^$|fairness|stddev'
