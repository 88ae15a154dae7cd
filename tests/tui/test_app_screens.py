"""The screens as text: what the app shows at the usual sizes. `GRADB_UPDATE_SNAPSHOTS=1` writes them anew."""

import pytest
from gradb_tui.session import Session
from screens import matches, walk

SIZES = [(80, 24), (120, 40), (200, 50)]


async def looks(name: str, session: Session, size: tuple[int, int], *keys: str) -> None:
    """After some keys the screen is that of the snapshot."""
    matches(name, (await walk(session, size, {name: keys}))[name].rows)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("at", [4, 10, 14])
async def test_the_leaf_run(at: int, size: tuple[int, int], leaf_session: Session) -> None:
    leaf_session.timeline.seek(at)
    await looks(f"leaf-{at}-{size[0]}x{size[1]}", leaf_session, size)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_step_of_the_regression(size: tuple[int, int], regression_session: Session) -> None:
    visits = regression_session.trace.of_kind("visit")
    regression_session.timeline.seek(visits[17])
    await looks(f"regression-{size[0]}x{size[1]}", regression_session, size)


@pytest.mark.parametrize(("pane", "key"), [("graph", "4"), ("charts", "5"), ("watch", "7")])
async def test_the_panes_behind_the_tensor(pane: str, key: str, regression_session: Session) -> None:
    regression_session.timeline.seek(60)
    await looks(f"{pane}-80x24", regression_session, (80, 24), key)


async def test_the_help_page(leaf_session: Session) -> None:
    await looks("help-100x130", leaf_session, (100, 130), "question_mark")


@pytest.mark.parametrize("size", [(40, 12), (59, 30), (100, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_small_terminals(size: tuple[int, int], leaf_session: Session) -> None:
    leaf_session.timeline.seek(10)
    await looks(f"leaf-10-{size[0]}x{size[1]}", leaf_session, size)
