"""The office's configuration."""

import pytest

from center.platform.configuration import CenterConfig, LimitsConfig


def test_a_configuration_is_frozen_and_whole() -> None:
    config = CenterConfig()
    with pytest.raises(ValueError, match="frozen"):
        config.folder = config.keys
    with pytest.raises(ValueError, match="in_flight_bytes"):
        CenterConfig(limits=LimitsConfig(in_flight_bytes=1 << 20))
