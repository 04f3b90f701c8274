"""Sessions with marks written for the programs in which coders review them; one file per format."""
