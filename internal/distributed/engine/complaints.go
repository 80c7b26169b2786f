package engine

import (
	"fmt"
	"strings"
	"sync"
)

// complaints keeps what a server says of its troubles.
type complaints struct {
	mu   sync.Mutex
	said []string
	end  bool
}

func (c *complaints) note(fatal bool, format string, v ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = c.end || fatal
	if len(c.said) < 4 {
		c.said = append(c.said, fmt.Sprintf(format, v...))
	}
}

func (c *complaints) fatal() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end
}

func (c *complaints) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.said) == 0 {
		return fmt.Sprintf("it takes no connections after %v", startLimit)
	}
	return strings.Join(c.said, "; ")
}

func (c *complaints) Noticef(string, ...any)         {}
func (c *complaints) Warnf(string, ...any)           {}
func (c *complaints) Debugf(string, ...any)          {}
func (c *complaints) Tracef(string, ...any)          {}
func (c *complaints) Errorf(format string, v ...any) { c.note(false, format, v...) }
func (c *complaints) Fatalf(format string, v ...any) { c.note(true, format, v...) }
