"""The kinds of answer, one module each, named by the word in the spec; a new kind is one file and one line here."""
