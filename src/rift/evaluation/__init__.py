"""The model beside the coders: one row per marker, the coders' own agreement, baselines."""
