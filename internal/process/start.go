package process

import (
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"sync"

	"cookbook/internal/process/worker"
	"cookbook/internal/timeline/children"
	"cookbook/internal/transcript"
	"cookbook/internal/wire"
)

// start starts the process; its caller holds p.mu.
func (p *Process) start() error {
	g := p.group
	g.starting.RLock()
	defer g.starting.RUnlock()
	if err := g.mayStart(); err != nil {
		return err
	}
	if p.unknown != nil {
		return p.unknown
	}
	slot := 0
	if g.space != nil {
		var err error
		if slot, err = g.space.Reserve(); err != nil {
			return err
		}
		defer func() {
			if p.done == nil {
				g.space.Died(slot)
			}
		}()
	}
	order, err := p.put(appendOrder(wire.NewFrame(nil), order{
		name: p.name, id: p.id, function: p.function, daemon: p.daemon,
		slot: slot, shared: g.space != nil, heard: g.heard,
	}))
	if err == nil && len(order)-wire.HeaderSize > wire.MaxFrame {
		err = ErrTooLarge
	}
	if err != nil {
		return fmt.Errorf("the argument of %s cannot be sent: %w", p.function, err)
	}
	if err := worker.Ready(); err != nil {
		return err
	}
	l, err := newPipes(g)
	if err != nil {
		return err
	}
	child := children.New(g.ctx, p.name)
	cmd, err := worker.Member(child, l.theirs)
	if err == nil {
		err = cmd.Start()
	}
	l.closeTheirs(g)
	if err != nil {
		l.close()
		return err
	}
	if g.space != nil {
		if err := g.space.Join(slot, cmd.Process.Pid); err != nil { // before it may lock anything: it waits for its order
			l.close() // without one it ends
			cmd.Wait()
			return err
		}
	}
	p.process, p.done = cmd.Process, make(chan struct{})
	p.slot = slot
	g.add(p)
	go p.attend(cmd, child, slot, l, order)
	return nil
}

// attend gives a process its order, hears what it has to say, and reaps it.
func (p *Process) attend(cmd *exec.Cmd, child children.Child, slot int, l *pipes, order []byte) {
	g := p.group
	var answer []byte
	var nonsense, babble error // on the two pipes
	var heard sync.WaitGroup
	heard.Go(func() {
		if answer, nonsense = l.converse(order); nonsense != nil {
			cmd.Process.Kill()
		}
	})
	if g.heard {
		heard.Go(func() {
			err := g.log.Serve(p.id, l.lines)
			if errors.As(err, new(*transcript.WireError)) || errors.Is(err, wire.ErrNonsense) { // otherwise it is gone
				babble = err
				cmd.Process.Kill()
			}
		})
	}
	end := child.Live(g.ctx)
	waited := cmd.Wait()
	if g.space != nil {
		g.space.Died(slot)
	}
	heard.Wait()
	end()
	l.close()
	p.mu.Lock()
	sent := p.sent
	p.mu.Unlock()
	p.code = -1
	if cmd.ProcessState != nil {
		p.code = exitCode(cmd.ProcessState, sent)
		waited = nil
	}
	result, err := p.verdict(answer, cmp.Or(nonsense, babble, waited))
	p.err = err
	p.mu.Lock()
	p.result = result
	p.mu.Unlock()
	g.remove(p)
	close(p.done)
}

// verdict says what a process that has ended came to.
func (p *Process) verdict(answer []byte, nonsense error) (result []byte, err error) {
	who := fmt.Sprintf("%s (pid %d)", p.name, p.process.Pid)
	if nonsense != nil {
		return nil, fmt.Errorf("%s %w: it was killed, because it did not behave: %w", who, ErrDied, nonsense)
	}
	if answer != nil {
		err = worker.ReadAnswer(p.function, answer, func(from []byte) error { result = from; return nil })
	}
	switch {
	case p.code < 0:
		err = fmt.Errorf("%s %w by %s", who, ErrDied, signalName(-p.code))
	case p.code > 0 && err == nil:
		err = fmt.Errorf("%s %w with exit code %d", who, ErrDied, p.code)
	}
	return result, err
}
