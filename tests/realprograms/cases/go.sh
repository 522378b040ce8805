# needs: go gcc
# variants: - race test
# seconds: 150
# The Go tool chain and the static binaries it makes.
exec 2>&1
export GOCACHE=/tmp/gocache GOPATH=/tmp/gopath GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local GO111MODULE=on
mkdir -p /tmp/g && cd /tmp/g && cp /cases/work.go.txt main.go && cp /cases/work_test.go.txt main_test.go && printf 'module work\ngo 1.19\n' > go.mod || exit
case $1 in
    '') CGO_ENABLED=0 go build -o work . && file work 2> /dev/null | grep -c static; ./work; echo $?; GOMAXPROCS=8 ./work > /dev/null; echo $?; GOGC=1 ./work | tail -n 1; go vet . ; ./work panic 2>&1 | grep -E 'panic:|goexit|exit' | head -n 2; ./work nil 2>&1 | grep -E 'SIGSEGV|addr' | sed 's/pc=.*//'; ./work deadlock 2>&1 | head -n 1; timeout -s QUIT 1 ./work block 2>&1 | grep -c SIGQUIT; CGO_ENABLED=1 go build -ldflags=-linkmode=external -o cwork . && ./cwork | tail -n 1 ;;
    race) CGO_ENABLED=1 go build -race -o work . && ./work | tail -n 2; ./work race 2>&1 | grep -c 'DATA RACE'; echo ${PIPESTATUS[0]} ;;
    test) CGO_ENABLED=0 go test -count=1 -v . | sed -E 's/[0-9.]+s/N/g' | grep -E '^(---|===|ok|FAIL|PASS)'; go test -bench . -benchtime 20ms -run XXX . | grep -c ns/op; go test -cpuprofile /tmp/cpu -run XXX -bench Cpu -benchtime 300ms . > /dev/null && go tool pprof -top work.test /tmp/cpu 2> /dev/null | grep -c -E 'work\.|main\.' | sed 's/^[1-9].*/samples/' ;;
esac
