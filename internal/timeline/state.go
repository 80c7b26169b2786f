package timeline

import "fmt"

// String is the state's name, such as "running".
func (s State) String() string {
	if int(s) >= states {
		return fmt.Sprintf("State(%d)", s)
	}
	return [states]string{Running: "running", Ready: "ready", Waiting: "waiting", Sleeping: "sleeping", Apart: "apart"}[s]
}

// MarshalText writes the name, so that a timeline in JSON can be read by people.
func (s State) MarshalText() ([]byte, error) {
	if int(s) >= states {
		return nil, fmt.Errorf("%v has no name", s)
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads a name that MarshalText wrote.
func (s *State) UnmarshalText(text []byte) error {
	for *s = 0; int(*s) < states; *s++ {
		if s.String() == string(text) {
			return nil
		}
	}
	return fmt.Errorf("a timeline has no state %q", text)
}
