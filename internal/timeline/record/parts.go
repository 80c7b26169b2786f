package record

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"cookbook/internal/timeline"
	"cookbook/internal/timeline/children"
)

// maxTotal is how much is read of what the children have recorded, in bytes. It takes two seconds or three.
const maxTotal = 64 << 20

// openParts opens what the children have recorded. Those that there is no room for count as if they had left nothing.
func openParts(folder *children.Folder) (parts []timeline.Part, err error) {
	files, err := folder.Traces()
	if err != nil {
		return nil, fmt.Errorf("children could not record: %w", err)
	}
	total := int64(0)
	for _, key := range slices.Sorted(maps.Keys(files)) {
		f, err := os.Open(files[key])
		if err != nil {
			return parts, fmt.Errorf("read what a child recorded: %w", err)
		}
		if s, err := f.Stat(); err != nil || total+s.Size() > maxTotal {
			f.Close()
			continue
		} else {
			total += s.Size()
		}
		parts = append(parts, timeline.Part{Key: key, Trace: f})
	}
	return parts, nil
}

func closeParts(parts []timeline.Part) {
	for _, p := range parts {
		p.Trace.(*os.File).Close()
	}
}
