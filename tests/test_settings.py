"""Settings are checked, saved and given back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dedup import Settings, SettingsError


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"shingle_size": 0}, "shingle_size is 0; it must be a whole number, 1 to 50"),
        ({"shingle_size": 2.5}, "shingle_size is 2.5"),
        ({"num_perm": True}, "num_perm is True"),
        ({"threshold": 0}, "threshold is 0; it must be a number above 0 and at most 1"),
        ({"threshold": "high"}, "threshold is 'high'"),
        ({"threshold": float("nan")}, "threshold is nan"),
        ({"containment": 0}, "containment is 0; it must be a number above 0 and at most 1"),
        ({"containment": 1.1}, "containment is 1.1"),
        ({"story_containment": -0.1}, "story_containment is -0.1"),
        ({"story_containment": None}, "story_containment is None"),
        ({"keep_furniture": 1}, "keep_furniture is 1; give true or false"),
        ({"keep_furniture": "yes"}, "keep_furniture is 'yes'"),
        ({"recall": 1.0}, "recall is 1.0; it must be a number above 0 and below 1"),
        ({"bands": 4}, "bands is 4 and rows is 0; give both, or neither"),
        ({"bands": 64, "rows": 4}, "64 bands of 4 rows need num_perm = 256; it is 128"),
        ({"representative": "best"}, "representative is 'best'; choose one of earliest, longest"),
        ({"fields": {"body": "text"}}, "fields names 'body'; an article has id, text"),
        ({"fields": {"text": ""}}, "fields.text is ''; it must name an input field"),
        ({"fields": "text"}, "fields is 'text'"),
        ({"colour": "red"}, "no setting is called colour; there are shingle_size"),
    ],
)
def test_a_wrong_value_is_refused_with_what_was_found_and_needed(
    values: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        Settings.from_dict(values)


def test_settings_survive_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        'threshold = 0.5\ncontainment = 1\nkeep_furniture = true\nrepresentative = "longest"\n'
        '[fields]\ntext = "maintext"\n'
    )
    assert Settings.from_file(path) == Settings(
        threshold=0.5,
        containment=1,
        keep_furniture=True,
        representative="longest",
        fields={"text": "maintext"},
    )


def test_settings_survive_a_run_json(tmp_path: Path) -> None:
    chosen = Settings(
        threshold=0.4, containment=0.3, story_containment=0.6, keep_furniture=True,
        fields={"id": "guid"})  # fmt: skip
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"settings": chosen.as_dict()}))
    assert Settings.from_file(path) == chosen


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("run.json", "{}", "no `settings` in it"),
        ("run.json", "[1]", "no `settings` in it"),
        ("run.json", '{"settings": 1}', "must be a table"),
        ("run.json", "{", "not valid JSON"),
        ("x.toml", "a =", "not valid TOML"),
        ("x.toml", "colour = 1", "no setting is called colour"),
    ],
)
def test_a_file_that_is_something_else_is_refused(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(SettingsError, match=says):
        Settings.from_file(path)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml: cannot read settings: No such file"):
        Settings.from_file("gone.toml")


def test_equal_settings_have_equal_hashes() -> None:
    renamed = {"text": "maintext"}
    assert hash(Settings()) == hash(Settings())
    assert len({Settings(fields=renamed), Settings(fields=dict(renamed)), Settings()}) == 2
