// Notes: a page of what was posted, kept in the data directory. One static file, built before it is packed:
//
//	CGO_ENABLED=0 go build -o server .
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	notes := filepath.Join(os.Getenv("COUNTERSIGN_DATA_DIR"), "notes.txt")
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			file, err := os.OpenFile(notes, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err == nil {
				_, err = io.Copy(file, io.MultiReader(r.Body, strings.NewReader("\n")))
				_ = file.Close()
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.WriteHeader(http.StatusCreated)
			return
		}
		kept, _ := os.ReadFile(notes)
		_, _ = io.WriteString(w, os.Getenv("COUNTERSIGN_ARTIFACT")+"\n"+string(kept))
	})
	log.Fatal(http.ListenAndServe(os.Getenv("COUNTERSIGN_LISTEN"), nil))
}
