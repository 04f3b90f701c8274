"""Settings of the whole suite."""

from hypothesis import settings

# Tests assert values, never times: a busy machine must not fail one.
settings.register_profile("rift", deadline=None)
settings.load_profile("rift")
