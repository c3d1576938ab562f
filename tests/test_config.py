from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graphmap.config import Settings, load_entries, load_properties, load_settings, parse_duration, parse_zone
from graphmap.entries import Entry
from graphmap.errors import InputError


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environ={})
    assert settings == Settings(home=tmp_path, timezone=UTC, gap=timedelta(hours=1), debug=False)
    assert (settings.lake, settings.ledger, settings.inventory) == (
        tmp_path / "lake",
        tmp_path / "ledger.sqlite",
        tmp_path / "inventory.yaml",
    )


def test_the_environment_is_heard_before_the_file_and_the_argument_before_both(tmp_path: Path) -> None:
    (tmp_path / "graphmap.toml").write_text('timezone = "Europe/Berlin"\ngap = "15m"\n')
    environ = {"GRAPHMAP_HOME": str(tmp_path), "GRAPHMAP_GAP": "2h", "GRAPHMAP_DEBUG": "1"}
    expected = Settings(tmp_path, ZoneInfo("Europe/Berlin"), timedelta(hours=2), debug=True)
    assert load_settings(environ=environ) == expected
    assert load_settings(tmp_path / "other", environ=environ) == Settings(
        tmp_path / "other", UTC, timedelta(hours=2), debug=True
    )


@pytest.mark.parametrize("text", ["least_bits = 2.5", 'least_bits = "2.5"'])
def test_a_number_of_bits_is_a_number_or_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "graphmap.toml").write_text(text)
    assert load_settings(tmp_path, environ={}).least_bits == 2.5
    assert load_settings(tmp_path, environ={"GRAPHMAP_LEAST_BITS": "0"}).least_bits == 0
    assert load_settings(tmp_path / "other", environ={}).least_bits == 4


@pytest.mark.parametrize(
    ("platform", "environ", "home"),
    [
        ("linux", {}, "HOME/.local/share/graphmap"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/graphmap"),
        ("linux", {"XDG_DATA_HOME": "data"}, "HOME/.local/share/graphmap"),
        ("linux", {"XDG_DATA_HOME": "/data", "GRAPHMAP_HOME": ""}, "/data/graphmap"),
        ("linux", {"GRAPHMAP_HOME": "~/maps"}, "HOME/maps"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "HOME/Library/Application Support/graphmap"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/graphmap"),
        ("win32", {}, "HOME/AppData/Local/graphmap"),
    ],
)
def test_the_home_is_in_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, environ: dict[str, str], home: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", platform)
    assert load_settings(environ=environ).home == Path(home.replace("HOME", str(tmp_path)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("gap = 3", "gap: must be text in quotes"),
        ("least_bits = true", "least_bits: must be text in quotes"),
        ("least_bits = -1", "least_bits: '-1' is no number of bits"),
        ('least_bits = "nan"', "least_bits: 'nan' is no number of bits"),
        ('gap = "soon"', "gap: 'soon' is no length of time"),
        ('timezone = "Mars/Olympus"', "timezone: no time zone 'Mars/Olympus'"),
        ('colour = "red"', "colour: no such setting"),
        ('home = "/x"', "home: no such setting"),
        ("gap = ", "Invalid value (at end of document)"),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "graphmap.toml"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path, environ={})
    assert caught.value.message == f"{path}: {message}"


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "graphmap.toml").mkdir()
    with pytest.raises(InputError, match=r"graphmap\.toml: .*directory"):
        load_settings(tmp_path, environ={})


@pytest.mark.parametrize(
    ("name", "value"), [("GRAPHMAP_GAP", "0s"), ("GRAPHMAP_TIMEZONE", "+25:00"), ("GRAPHMAP_DEBUG", "perhaps")]
)
def test_a_bad_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: .*{value[1:]}") as caught:
        load_settings(tmp_path, environ={name: value})
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", 90),
        ("15m", 900),
        ("24h", 86_400),
        ("1h30m", 5400),
        ("7d", 604_800),
        ("1d1h1m1s", 90_061),
        ("36500d", 3_153_600_000),
    ],
)
def test_lengths_of_time(text: str, length: int) -> None:
    assert parse_duration(text) == timedelta(seconds=length)


@pytest.mark.parametrize(
    "text", ["", "0s", "h", "1", "1 h", "-1h", "1m1h", "1.5h", "36501d", "٣h", "9" * 5000 + "d", "1h\n"]
)
def test_no_lengths_of_time(text: str) -> None:
    with pytest.raises(InputError, match="is no length of time"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("UTC", UTC),
        ("utc", UTC),
        ("Z", UTC),
        ("+0200", timezone(timedelta(hours=2))),
        ("-03:30", timezone(-timedelta(hours=3, minutes=30))),
        ("Europe/Berlin", ZoneInfo("Europe/Berlin")),
    ],
)
def test_zones(text: str, zone: tzinfo) -> None:
    assert parse_zone(text) == zone


@pytest.mark.parametrize(
    "text", ["", ".", "..", "../etc/passwd", "/etc/passwd", "+24:00", "+01:60", "Europe", "CET\0", "x" * 5000]
)
def test_no_zones(text: str) -> None:
    with pytest.raises(InputError, match="no time zone"):
        parse_zone(text)


def test_named_entries_are_read_by_those_who_use_them(tmp_path: Path) -> None:
    (tmp_path / "graphmap.toml").write_text(
        'gap = "15m"\n[jobs.nightly]\ncron = "0 3 * * *"\n[alerts.soc]\nurl = "x"\n'
    )
    settings = load_settings(tmp_path, environ={})
    assert settings.gap == timedelta(minutes=15)
    assert {name: entry.text("cron") for name, entry in load_entries(settings, "jobs", Entry).items()} == {
        "nightly": "0 3 * * *"
    }
    assert load_entries(settings, "watch", Entry) == {}
    assert load_entries(Settings(tmp_path / "none"), "jobs", Entry) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("jobs = 3", "jobs: must be tables"),
        ('jobs.nightly = "0 3 * * *"', "jobs.nightly: must be a table"),
    ],
)
def test_entries_that_are_no_tables_are_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "graphmap.toml").write_text(content)
    with pytest.raises(InputError) as error:
        load_entries(load_settings(tmp_path, environ={}), "jobs", Entry)
    assert error.value.message == f"{tmp_path / 'graphmap.toml'}: {message}"


def test_properties_have_dotted_names_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "graphmap.toml").write_text(
        '[spark]\nexecutor.memory = "8g"\nexecutor.cores = 4\nspeculation = true\n"speculation.interval" = "1s"\n'
        "memory.fraction = 0.5\n"
    )
    settings = load_settings(tmp_path, environ={})
    said = {"GRAPHMAP_SPARK": "executor.cores=2 spark.driver.extraJavaOptions='-Xss4m -ea'"}
    assert load_properties(settings, "spark", environ=said) == {
        "spark.executor.memory": "8g",
        "spark.executor.cores": "2",
        "spark.speculation": "true",
        "spark.speculation.interval": "1s",
        "spark.memory.fraction": "0.5",
        "spark.driver.extraJavaOptions": "-Xss4m -ea",
    }
    assert load_properties(load_settings(tmp_path / "other", environ={}), "spark", environ={}) == {}


def test_properties_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "graphmap.toml").write_text("[spark]\nexecutor.cores = [1]\n")
    settings = load_settings(tmp_path, environ={})
    with pytest.raises(InputError, match=r"graphmap.toml: spark.executor.cores: must be text, a number, true or false"):
        load_properties(settings, "spark", environ={})
    (tmp_path / "graphmap.toml").write_text("spark = 3")
    with pytest.raises(InputError, match="spark: must be a table"):
        load_properties(settings, "spark", environ={})
    for words in ("executor.memory", "a='b", "=1"):
        with pytest.raises(InputError, match="GRAPHMAP_SPARK: "):
            load_properties(load_settings(tmp_path / "other", environ={}), "spark", environ={"GRAPHMAP_SPARK": words})


@pytest.mark.parametrize(
    "url",
    [
        "s3://logs",
        "s3://my.logs-1/hunting/lake_2/",
        "gs://logs/lake",
        "az://logs/lake",
        "abfs://logs/lake",
        "abfss://logs@account.dfs.core.windows.net/a/b=c",
    ],
)
def test_the_lake_in_an_object_store(tmp_path: Path, url: str) -> None:
    (tmp_path / "graphmap.toml").write_text(f'lake = "{url}"\n')
    settings = load_settings(tmp_path, environ={})
    assert settings == Settings(tmp_path, lake_url=url.rstrip("/"))
    assert settings.lake == url.rstrip("/")
    assert load_settings(tmp_path, environ={"GRAPHMAP_LAKE": "gs://other/x"}).lake == "gs://other/x"
    assert settings.apart(tmp_path / "demo").lake == tmp_path / "demo" / "lake"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("/srv/lake", "no address of an object store"),
        ("", "no address of an object store"),
        ("ftp://host/lake", "no object store is known by 'ftp'"),
        ("S3://logs/lake", "no object store is known by 'S3'"),
        ("s3://", "no address of s3"),
        ("s3:///lake", "no address of s3"),
        ("s3://logs/a b", "no address of s3"),
        ("s3://logs/a%20b", "no address of s3"),
        ("s3://logs/../x", "no address of s3"),
        ("s3://logs//x", "no address of s3"),
        ("s3://logs?x=1", "no address of s3"),
        ("s3://key:hunter2@logs/lake", "no address of s3"),
        ("gs://key@logs/lake", "no address of gs"),
        ("abfss://logs:hunter2@a.dfs.core.windows.net/x", "no address of abfss"),
    ],
)
def test_what_is_no_address_of_a_lake(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path, environ={"GRAPHMAP_LAKE": url})
    assert caught.value.message == f"GRAPHMAP_LAKE: {message}"
    assert "hunter2" not in str(caught.value)
    assert "s3://BUCKET/FOLDER" in (caught.value.hint or "")
