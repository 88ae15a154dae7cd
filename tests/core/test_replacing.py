"""Writing a file: whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradb.debug import replacing
from gradb.debug.replacing import write_file
from gradb.errors import UserError


def test_a_file_holds_the_chunks_and_their_size_is_told(tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    assert write_file(target, [b"one\n", b"two\n"]) == 8
    assert target.read_bytes() == b"one\ntwo\n"


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    target.write_text("old")

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(target, chunks())
    assert [file.name for file in tmp_path.iterdir()] == ["run.jsonl"]
    assert target.read_text() == "old"


def test_a_new_file_keeps_the_permissions_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    target.write_text("old")
    target.chmod(0o640)
    write_file(target, [b"new"])
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    link = tmp_path / "link"
    link.symlink_to("real")
    write_file(link, [b"new"])
    assert link.is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_device_is_written_to_as_it_is() -> None:
    assert write_file(Path(os.devnull), [b"new"]) == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "{path}: this is a folder\n  allowed: the name of a file"),
        ("no/file", "{path}: the file cannot be written: No such file or directory"),
        ("x" * 300, "{path}: the file cannot be written: File name too long"),
    ],
)
def test_a_target_that_cannot_be_written_is_told(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        write_file(tmp_path / name, [b"new"])
    assert str(caught.value) == message.format(path=tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_to_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    target.write_text("old")
    target.chmod(0o400)
    with pytest.raises(UserError, match="may not be written to"):
        write_file(target, [b"new"])
    assert target.read_text() == "old"


def test_a_link_that_somebody_has_put_beside_a_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "victim").write_text("mine")
    numbers = iter(["0", "0", "1"])
    monkeypatch.setattr(replacing.secrets, "token_hex", lambda _: next(numbers))
    (tmp_path / ".out.0.part").symlink_to("victim")
    write_file(tmp_path / "out", [b"new"])
    assert (tmp_path / "victim").read_text() == "mine"
    assert (tmp_path / "out").read_text() == "new"
    assert (tmp_path / ".out.0.part").is_symlink()


def test_what_is_written_into_a_private_file_is_private_from_the_first_byte(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    target.chmod(0o600)
    seen: list[int] = []

    def chunks() -> Iterator[bytes]:
        yield b"new"
        seen.extend(path.stat().st_mode & 0o777 for path in tmp_path.glob(".out.*.part"))

    write_file(target, chunks())
    assert seen == [0o600]


def test_a_new_file_has_the_permissions_that_the_user_gives_to_new_files(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "out", [b"new"])
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o640


def test_a_long_name_and_links_in_a_circle_are_no_failure_of_our_own(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 250)
    assert write_file(long, [b"new"]) == 3
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(UserError, match="cannot be written"):
        write_file(circle, [b"new"])
