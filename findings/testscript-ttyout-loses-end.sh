#!/usr/bin/env bash
# github.com/rogpeppe/go-internal v1.16.0, package testscript (Go 1.26, Linux): ttyout may lack the end of what a program wrote.
#
# A script that says "ttyin FILE" runs the next program on a pseudo-terminal, and "ttyout" looks at what it wrote there. One would
# take it that this is all that it wrote, as stdout is. But once the program is over, testscript closes its own end of the terminal,
# and only then waits for the goroutine that reads from it: what that goroutine has not read by then is dropped without an error.
# Where a script has the machine for itself that is rare. With scripts side by side, which is what testscript does by itself, or on a busy
# machine, many lose their last lines, or all of them. Whoever tests a program's terminal output with it has tests that fail now and then.
#
# A reader that loses nothing closes only the program's end (nobody holds it when the program is over), reads until Linux says EIO,
# and closes its own end behind that.
#
# Output seen on two processors, 200 scripts of "seq 1000" a round (the numbers vary):
#   one after another:  2 of 200 without the last line
#   side by side:       23 of 200 without the last line
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module screen

go 1.26

require github.com/rogpeppe/go-internal v1.16.0
MOD
cat > screen_test.go <<'GO'
package screen

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestScreen(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "scripts"})
}
GO
mkdir scripts
for i in $(seq 200); do
	cat > "scripts/$i.txtar" <<'SCRIPT'
ttyin typed
exec sh -c 'seq 1000 >/dev/tty'
ttyout '1000'
-- typed --
q
SCRIPT
done
export GOFLAGS=-mod=mod
go mod tidy 2> tidy || { cat tidy >&2; exit 1; }
go test -c -o screen.test .
lost() { { GOMAXPROCS=8 ./screen.test -test.parallel "$1" || true; } | grep -c 'FAIL: TestScreen/' || true; }
echo "one after another:  $(lost 1) of 200 without the last line"
for _ in $(seq 10); do # a race: ten rounds make it all but sure
	side=$(lost 100)
	echo "side by side:       $side of 200 without the last line"
	if [ "$side" -gt 0 ]; then exit 0; fi
done
echo "this has changed"
exit 1
