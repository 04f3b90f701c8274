"""The stages of the pipeline as plain functions: what each verb, script and DVC stage calls."""
