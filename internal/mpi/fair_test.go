package mpi

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// conformAwaitFile waits for a file by which another rank says something without a message.
func conformAwaitFile(path string) error {
	for {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// A fairOrder says how the master receives, and where rank 3 says that it has sent.
type fairOrder struct{ How, Dir string }

// fairRank has ranks 1 and 2 keep rank 0 busy. Rank 3 sends one message a round. Rank 0 returns how many messages it received
// until it had that of rank 3, from when it was there on, for each round.
var fairRank = Register("fair", func(_ context.Context, c *Comm, o fairOrder) ([]int, error) {
	const rounds, before, stop = 3, 3000, 7
	size := 1
	if o.How == "large messages" {
		size = 5000
	}
	buf := make([]int, size)
	switch c.Rank() {
	case 0:
	case 3:
		for round := range rounds {
			if _, err := Recv(c, buf, 0, 1); err != nil {
				return nil, err
			}
			r, err := Isend(c, buf, 0, 1)
			if err == nil {
				err = os.WriteFile(filepath.Join(o.Dir, strconv.Itoa(round)), nil, 0o600)
			}
			if err == nil {
				_, err = r.Wait()
			}
			if err != nil {
				return nil, err
			}
		}
		return nil, nil
	default:
		for i := 0; ; i++ {
			_, found, err := c.Iprobe(0, stop)
			if err != nil {
				return nil, err
			}
			if found {
				return nil, Send(c, buf, 0, stop)
			}
			if err := Send(c, buf, 0, 1+i%2); err != nil {
				return nil, err
			}
		}
	}
	tag, other := AnyTag, AnyTag
	if o.How == "two tags" {
		tag, other = 1, 2
	}
	// next receives a message and says from where.
	next := func() (int, error) {
		switch o.How {
		case "Irecv":
			r, err := Irecv(c, buf, AnySource, tag)
			if err != nil {
				return 0, err
			}
			s, err := r.Wait()
			return s.Source, err
		case "Probe":
			s, err := c.Probe(AnySource, tag)
			if err != nil {
				return 0, err
			}
			_, err = Recv(c, buf, s.Source, s.Tag)
			return s.Source, err
		case "two tags":
			if _, err := Recv(c, buf, AnySource, other); err != nil {
				return 0, err
			}
		}
		s, err := Recv(c, buf, AnySource, tag)
		return s.Source, err
	}
	var heard []int
	for round := range rounds {
		for range before {
			if _, err := next(); err != nil {
				return nil, err
			}
		}
		if err := Send(c, buf, 3, 1); err != nil {
			return nil, err
		}
		if err := conformAwaitFile(filepath.Join(o.Dir, strconv.Itoa(round))); err != nil {
			return nil, err
		}
		count := 0
		for from := 0; from != 3; count++ {
			var err error
			if from, err = next(); err != nil {
				return nil, err
			}
		}
		heard = append(heard, count)
	}
	for _, r := range []int{1, 2} {
		if err := Send(c, []int{0}, r, stop); err != nil {
			return nil, err
		}
	}
	for ended := 0; ended < 2; {
		s, err := Recv(c, buf, AnySource, AnyTag)
		if err != nil {
			return nil, err
		}
		if s.Tag == stop {
			ended++
		}
	}
	return heard, nil
})

func TestNoRankIsKeptWaitingByOthersThatSendMore(t *testing.T) {
	ctx := needs(t, Local{})
	for _, how := range []string{"Recv", "Irecv", "Probe", "two tags", "large messages"} {
		t.Run(how, func(t *testing.T) {
			heard, err := Run(ctx, fairRank, 4, fairOrder{how, t.TempDir()}, WithTimeout(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			for round, n := range heard[0] {
				if n > 3 {
					t.Errorf("round %d: the message of rank 3 was received as number %d from when it was there; two others send", round, n)
				}
			}
		})
	}
}
