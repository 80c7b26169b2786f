package apart

import "testing"

func TestADataRaceIsToldByTheLinesOfTheProgram(t *testing.T) {
	const report = `==================
WARNING: DATA RACE
Read at 0x00c0001 by goroutine 8:
  example.com/practice/internal/threading.add()
      example.com/practice/internal/threading/add.go:7 +0x44
  main.run.func1.1()
      example.com/practice/exercise.go:20 +0x44
  sync.(*WaitGroup).Go.func1()
      sync/waitgroup.go:239 +0x5d

Previous write at 0x00c0001 by goroutine 9:
  main.run.func2()
      example.com/practice/exercise.go:31 +0x4

Goroutine 8 (running) created at:
  main.run()
      example.com/practice/exercise.go:12 +0x1
==================
`
	for said, want := range map[string]string{
		report:             "a read at exercise.go:20 and a write at exercise.go:31 use the same variable, and nothing puts the two in order",
		"more\n" + report:  "a read at exercise.go:20 and a write at exercise.go:31 use the same variable, and nothing puts the two in order",
		"panic: DATA RACE": "",
	} {
		if got := raced(said); got != want {
			t.Errorf("%s\n%s, want %s", said, got, want)
		}
	}
}
