"""How thorough the property tests are: `pytest --hypothesis-profile=deep` looks much further."""

from importlib.util import find_spec

if find_spec("hypothesis"):
    from hypothesis import HealthCheck, settings

    _SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
    settings.register_profile(
        "quick", max_examples=20, deadline=None, derandomize=True, print_blob=True, suppress_health_check=_SLOW
    )
    settings.register_profile("deep", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=_SLOW)
    settings.load_profile("quick")
