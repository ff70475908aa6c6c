package titles

import "testing"

func TestTitles(t *testing.T) {
	for _, title := range []string{"with space", "<&\"'>", "(a+b)? [x] {y} ^$|", "#hash", "ünï 日本", "]]>"} {
		t.Run(title, func(t *testing.T) {})
	}
}
