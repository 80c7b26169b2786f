package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cookbook/internal/command"
	"cookbook/internal/distributed/engine"
)

// readable returns an error that does not repeat the file's name if a file cannot be read.
func readable(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return command.WithoutPath(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return errors.New("is a folder, and not a file")
	}
	return nil
}

// longestToken is how many bytes a secret can have.
const longestToken = 4096

// readToken reads a secret from a file; blanks and line ends around it do not count.
func readToken(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", command.WithoutPath(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longestToken+1))
	token := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		return "", command.WithoutPath(err)
	case token == "":
		return "", fmt.Errorf("the file holds no secret")
	case len(text) > longestToken || strings.ContainsAny(token, "\n\r\x00"):
		return "", fmt.Errorf("the file is to hold one secret in one line, of %d bytes at most", longestToken)
	}
	return token, nil
}

// tokenName is the file in an engine's store that holds its secret, if no other file does.
const tokenName = "token"

// secret returns what those who connect have to know: what is in --token-file; without one, the secret of an earlier engine on the
// same store, or a new one.
func (o *engineOptions) secret() (string, error) {
	if o.tokenFile != "" {
		token, err := readToken(o.tokenFile)
		if err != nil {
			err = usagef("--token-file %s: %w", command.Shown(o.tokenFile), err)
		}
		return token, err
	}
	if o.store != "" {
		file := filepath.Join(o.store, tokenName)
		token, err := readToken(file)
		switch {
		case err == nil:
			return token, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("the secret in %s: %w; remove the file to get a new one", file, err)
		}
	}
	return rand.Text(), nil
}

// keepSecret writes the secret into a file that only its owner can read, if it is in none, and returns that file's name.
func (o *engineOptions) keepSecret(s *engine.Server, token string) (string, error) {
	if o.tokenFile != "" {
		return o.tokenFile, nil
	}
	file, err := filepath.Abs(filepath.Join(s.Dir(), tokenName))
	if err == nil {
		err = os.WriteFile(file, []byte(token+"\n"), 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("keep the engine's secret: %w", err)
	}
	return file, nil
}
