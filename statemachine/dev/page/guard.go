package page

import (
	"embed"
	"net"
	"net/http"
	"path"
)

// policy is the Content-Security-Policy of the page: nothing from elsewhere, and no
// script or style in the HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// guard refuses what does not come from the page itself, or from a user who enters its
// address: calls of other origins, and any by a name other than this machine's own, to
// which a name of somebody else may lead all the same (DNS rebinding).
func guard(pages http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection() // requests that change something
	guarded := crossOrigin.Handler(pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isThisMachine(r.Host) || !isOwn(r) {
			http.Error(w, "The page answers only itself, by an address of this machine.", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // with none, a form tells no origin
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	})
}

func isThisMachine(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// isOwn reports whether the origin, if the browser tells one, is the page's.
func isOwn(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host
}

//go:embed assets/page.css assets/page.js assets/libraries.js assets/LICENSES.txt
var files embed.FS

// contentTypes are those of the assets.
var contentTypes = map[string]string{
	"page.css": "text/css", "page.js": "text/javascript", "libraries.js": "text/javascript", "LICENSES.txt": "text/plain; charset=utf-8",
}

func assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		text, err := files.ReadFile("assets/" + name)
		if err != nil || contentTypes[name] == "" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", contentTypes[name])
		w.Write(text) //nolint:errcheck,gosec // the browser may be gone, and the text is one of those embedded
	})
}
