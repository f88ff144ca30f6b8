"""The configuration says what is wrong with it, by name."""

import base64
import stat
from pathlib import Path

import pytest

from tiao.runtime.config import BadConfiguration, field_key, read_config

KEY = base64.b64encode(bytes(32)).decode()


def test_without_variables_everything_has_its_default() -> None:
    config = read_config({})
    assert (config.database_url, config.host, config.port, config.programme) == (None, "127.0.0.1", 8000, "tiao")
    assert config.var == Path.cwd() / "var"
    assert config.cluster_dir == Path.cwd() / "var" / "postgres"


def test_an_empty_variable_counts_as_absent() -> None:
    assert read_config({"TIAO_PORT": " ", "TIAO_DATABASE_URL": ""}) == read_config({})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIAO_PORT", "0"),
        ("TIAO_PORT", "65536"),
        ("TIAO_PORT", "80a"),
        ("TIAO_PORT", "８０"),
        ("TIAO_PROGRAMME", "Tiao"),
        ("TIAO_PROGRAMME", "1st"),
        ("TIAO_PROGRAMME", "a" * 41),
        ("TIAO_PROGRAMME", 'tiao"; drop'),
        ("TIAO_DATABASE_URL", "postgresql://[half/"),
        ("TIAO_DATABASE_URL", "not a url"),
        ("TIAO_FIELD_KEY", "%%%"),
        ("TIAO_FIELD_KEY", base64.b64encode(bytes(31)).decode()),
    ],
)
def test_a_bad_value_is_refused_and_its_variable_named(variable: str, value: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        read_config({variable: value})
    assert refused.value.facts == {"variable": variable}
    assert variable in refused.value.detail


def test_a_key_and_a_password_are_never_shown() -> None:
    config = read_config({"TIAO_FIELD_KEY": KEY, "TIAO_DATABASE_URL": "postgresql://u:hidden@host/db"})
    assert "hidden" not in repr(config)
    assert str(bytes(32)) not in repr(config)


def test_a_field_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    config = read_config({"TIAO_VAR": str(tmp_path / "var")})
    made = field_key(config)
    path = tmp_path / "var" / "secrets" / "field.key"
    assert len(made) == 32
    assert field_key(config) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_configured_field_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    config = read_config({"TIAO_VAR": str(tmp_path), "TIAO_FIELD_KEY": KEY})
    assert field_key(config) == bytes(32)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["", "AAAA", "???"])
def test_a_damaged_field_key_is_refused_and_never_replaced(tmp_path: Path, damage: str) -> None:
    config = read_config({"TIAO_VAR": str(tmp_path)})
    field_key(config)
    path = tmp_path / "secrets" / "field.key"
    path.write_text(damage)
    with pytest.raises(BadConfiguration, match=r"field\.key"):
        field_key(config)
    assert path.read_text() == damage


def test_an_operators_own_products_are_named_by_a_path() -> None:
    assert read_config({}).products is None
    assert read_config({"TIAO_PRODUCTS": "/etc/tiao/shelf.yaml"}).products == Path("/etc/tiao/shelf.yaml")
