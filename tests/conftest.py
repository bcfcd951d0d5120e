"""What holds for every test: time is no promise of a property, so a drawn example may take as long as the machine needs."""

from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
