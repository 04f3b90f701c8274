"""Files to transcripts and codings: one file per format, known by their content."""
