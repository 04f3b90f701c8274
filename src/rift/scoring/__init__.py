"""Scoring of new sessions with onnxruntime and tokenizers alone."""
