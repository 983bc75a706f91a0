"""Citations: `scanner` finds them in a streamed answer, `quotes` the words of a passage that bear a claim."""
