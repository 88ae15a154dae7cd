"""A scenario in Chinese, names of variables included: every pane keeps its frame at every size."""

import re

import pytest
from gradb.scenario.loader import parse
from gradb_tui.app import GradbApp
from gradb_tui.session import session_of
from rich.cells import cell_len

SCENARIO = """\
title: 一个神经元的前向与反向，以及它的参数更新过程，标题很长很长，长到放不下
about: 这里只有一个权重和一个偏置，用来检查宽字符在每个面板里的位置是否正确。
program: |
  import torch
  import matplotlib.pyplot as plt

  输入 = torch.tensor([1.0, 2.0, 3.0])  # 数据：三个数，注释里也有很长的中文，需要折行才能放下
  权重 = torch.tensor([0.5, 0.5, 0.5], requires_grad=True)
  for 步 in range(2):
      预测值与目标之差的平方和 = ((输入 * 权重).sum() - 1) ** 2
      预测值与目标之差的平方和.backward()
      print("损失是", 预测值与目标之差的平方和.item(), "，这一行打印的文字也很长，需要折行才能放得下")
      with torch.no_grad():
          权重 -= 0.1 * 权重.grad
      权重.grad = None
  plt.plot([1, 2], [3, 4], label="曲线")
  plt.title("损失随步数的变化")
  plt.show()
watch: [权重, 权重.grad]
notes:
  - at: line 7
    say: |
      **前向**：`输入 * 权重` 求和，减去目标，再平方。这是一条很长的注释，看看它在哪里折行，
      以及标点（包括括号）是否在行首。
"""
PANE = re.compile(r"[╭┏][─━] \d \w")  # the upper left corner of a pane's frame, and its title
SIDE, BOTTOM = {"│", "┃"}, {"╰", "┗"}


def _cells(row: str) -> list[str]:
    """The row cell by cell; the second cell of a wide character is empty."""
    cells: list[str] = []
    for character in row:
        size = cell_len(character)
        if size:
            cells += [character, *[""] * (size - 1)]
    return cells


def _broken_frames(rows: list[str]) -> list[str]:
    """The rows in which the left side of a pane is not below its corner."""
    grid = [_cells(row) for row in rows]
    broken: list[str] = []
    for top, row in enumerate(rows):
        for corner in [cell_len(row[: found.start()]) for found in PANE.finditer(row)]:
            for cells, text in zip(grid[top + 1 :], rows[top + 1 :], strict=True):
                if cells[corner] in BOTTOM:
                    break
                if cells[corner] not in SIDE:
                    broken.append(text)
                    break
    return broken


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_wide_characters_leave_every_frame_in_its_place(size: tuple[int, int]) -> None:
    session = session_of(parse(SCENARIO, "s.yaml"))
    app = GradbApp(session)
    async with app.run_test(size=size) as pilot:
        while session.running or not len(session.trace):
            await pilot.pause(0.05)
        await pilot.press("home")
        for key in (
            ("s",) * 6 + ("n",) * 8 + ("f", "s", "f", "s", "end", "question_mark", "escape", "tab", "tab", "tab")
        ):
            await pilot.press(key)
            await pilot.pause()
            rows = [strip.text for strip in app.screen._compositor.render_strips()]
            assert {cell_len(row) for row in rows} == {size[0]}, key
            if app.screen_stack[-1] is app.screen and "source" in "".join(rows):
                assert _broken_frames(rows) == [], key
