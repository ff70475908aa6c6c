package cart

import "testing"

func TestSameTitle(t *testing.T) {
	if 1+1 != 2 {
		t.Fatal("wrong")
	}
}
