package serve

import (
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
	"time"
)

// policy is what a page may load and do: all from this server, nothing written into the page itself.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// maxBody is the most bytes that a request may have behind its headers.
const maxBody = 64 << 10

// ServeHTTP answers a request, or refuses it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, value := range map[string]string{
		"Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
	} {
		h.Set(name, value)
	}
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Now().Add(s.patience))
	control.SetWriteDeadline(time.Now().Add(s.patience))
	path, known := s.withoutSecret(r.URL.Path)
	switch {
	case !s.isOwn(r.Host):
		http.Error(w, "this server is "+net.JoinHostPort("127.0.0.1", s.port)+", or localhost in place of the number, and goes by no other name", http.StatusForbidden)
	case !known && s.isSecret(strings.TrimPrefix(r.URL.Path, "/")): // the address without its last slash
		http.Redirect(w, r, r.URL.Path+"/", http.StatusPermanentRedirect)
	case !known:
		http.Error(w, "nothing is here: use the whole address that cookbook serve has printed", http.StatusNotFound)
	case r.ContentLength > maxBody:
		refuse(w, http.StatusRequestEntityTooLarge, "a request may have 64 kB")
	case path == runPath:
		s.serveRun(w, r)
	default:
		s.serveFile(w, r, path)
	}
}

// withoutSecret is a path behind the secret, and whether the secret was there. How long it takes says nothing about the secret.
func (s *Server) withoutSecret(path string) (rest string, known bool) {
	given, rest, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return rest, s.isSecret(given) && found
}

func (s *Server) isSecret(given string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(s.secret)) == 1
}

// isOwn reports whether a Host is that of this server. A page of another server that has its name resolved to this machine sends
// that name.
func (s *Server) isOwn(host string) bool {
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		own := net.JoinHostPort(name, s.port)
		if host == own || s.port == "80" && host+":80" == own {
			return true
		}
	}
	return false
}

// fromOwnPage reports whether a browser says that one of this server's own pages has sent a request. Host has been found to be own.
func fromOwnPage(r *http.Request) bool {
	site, origin := r.Header["Sec-Fetch-Site"], r.Header["Origin"]
	return len(origin) == 1 && origin[0] == "http://"+r.Host && (len(site) == 0 || len(site) == 1 && site[0] == "same-origin")
}
