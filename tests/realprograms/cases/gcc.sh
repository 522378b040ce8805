# needs: gcc g++ make
# variants: - cpp make
# fast: make
# seconds: 200
# Compilers, make with several jobs, sanitizers, profilers; the programs that come out run.
exec 2>&1
cd /tmp || exit
exec bash "/cases/gcc-parts" "${1:-c}"
