package before

import "testing"

func TestPasses(t *testing.T) {}
