# needs: node
# variants: - loopback
# fast: -
# Node.js: worker threads with shared memory, child processes, streams, files, timers, crypto.
exec 2>&1
cd /tmp || exit
exec node "/cases/node-${1:-work}.js"
