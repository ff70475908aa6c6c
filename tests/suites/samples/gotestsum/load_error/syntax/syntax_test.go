package syntax

func {
