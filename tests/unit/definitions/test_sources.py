from __future__ import annotations

from pathlib import Path

import pytest

from dougong.definitions import sources
from dougong.definitions.sources import SourceFile, fingerprint, read


def write(home: Path, **texts: str) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = home / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return home


def codes(folder: Path) -> list[str]:
    return [problem.code for problem in read(folder)[1]]


def test_bundle_is_read_with_its_folders(tmp_path: Path) -> None:
    home = write(tmp_path / "crm", bundle="kind: bundle", objects__customer="kind: object")
    found, problems = read(home)
    assert problems == []
    assert [(each.layer, each.path, each.text) for each in found] == [
        ("crm", "bundle.yaml", "kind: bundle"),
        ("crm", "objects/customer.yaml", "kind: object"),
    ]
    assert found[0].file == str(home / "bundle.yaml")


def test_folder_of_bundles_is_read_whole_and_once(tmp_path: Path) -> None:
    write(tmp_path / "crm", bundle="a")
    write(tmp_path / "stock", bundle="b")
    write(tmp_path / "site", patches__x_one="c")
    found, problems = read(tmp_path, tmp_path / "crm")
    assert problems == []
    assert [each.layer for each in found] == ["crm", "site", "stock"]


def test_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert codes(tmp_path / "nowhere") == ["E116"]
    assert codes(write(tmp_path / "empty")) == ["E116"]


def test_large_file_is_refused(tmp_path: Path) -> None:
    home = write(
        tmp_path / "crm", bundle="a", objects__large="x" * (sources.LARGEST + 1), objects__fits="x" * sources.LARGEST
    )
    assert codes(home) == ["E113"]
    assert len(read(home)[0]) == 2


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST", 3)
    home = write(tmp_path / "crm", bundle="a", objects__a="a", objects__b="b", objects__c="c")
    assert codes(home) == ["E114"]
    assert len(read(home)[0]) == 3


def test_link_inside_the_bundle_is_read(tmp_path: Path) -> None:
    home = write(tmp_path / "crm", bundle="a", objects__customer="b")
    (home / "objects/same.yaml").symlink_to("customer.yaml")
    assert codes(home) == []


@pytest.mark.parametrize("target", ["../../other.yaml", "/etc/hostname"])
def test_link_out_of_the_bundle_is_refused(tmp_path: Path, target: str) -> None:
    write(tmp_path, other="s")
    home = write(tmp_path / "crm", bundle="a", objects__customer="b")
    (home / "objects/leak.yaml").symlink_to(target)
    assert codes(home) == ["E115"]


def test_linked_folder_out_of_the_bundle_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", other="s")
    home = write(tmp_path / "crm", bundle="a")
    (home / "objects").symlink_to(tmp_path / "elsewhere")
    assert "s" not in [each.text for each in read(home)[0]]


def test_mark_of_byte_order_is_left_out(tmp_path: Path) -> None:
    home = write(tmp_path / "crm", bundle="a")
    (home / "bundle.yaml").write_bytes(b"\xef\xbb\xbfkind: bundle")
    assert read(home)[0][0].text == "kind: bundle"


def test_fingerprint_depends_on_content_and_not_on_order() -> None:
    one, other = SourceFile("a", "x", "1"), SourceFile("a", "y", "2")
    assert fingerprint([one, other]) == fingerprint([other, one])
    assert fingerprint([one, other]) != fingerprint([one, SourceFile("a", "y", "3")])
    assert fingerprint([SourceFile("a", "x", "1", "shown")]) == fingerprint([one])
