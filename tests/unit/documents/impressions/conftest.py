import pytest

from eseal.documents.impressions import PROFILES, Fonts, ImpressionSpec, compose


@pytest.fixture(scope="session")
def fonts():
    return Fonts()


@pytest.fixture(scope="session")
def made(fonts):
    """Compose an impression of a profile by its name."""

    def make(profile, name, **rest):
        return compose(ImpressionSpec(PROFILES[profile], name, **rest), fonts)

    return make
