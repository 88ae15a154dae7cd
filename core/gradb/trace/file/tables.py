"""The tables of a trace file, `TABLES` in SQL, and how its format is known: `FORMAT`, `APPLICATION`, `strange`."""

import re
from collections.abc import Mapping

FORMAT = 1  # a reader refuses files with a higher one
APPLICATION = 0x67726462  # "grdb", where SQLite keeps whose file it is
SUFFIX = ".gradb"

TABLES = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};

CREATE TABLE header (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE events (number INTEGER PRIMARY KEY, kind TEXT, line INTEGER, name TEXT, node TEXT, data BLOB);
CREATE TABLE arrays (
    id INTEGER PRIMARY KEY, dtype TEXT, shape TEXT, coding TEXT, used INTEGER,
    min REAL, max REAL, mean REAL, norm REAL, zeros INTEGER, nan INTEGER, inf INTEGER
);
CREATE TABLE contents (id INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE data (name TEXT PRIMARY KEY, dtype TEXT, shape TEXT, coding TEXT, data BLOB);
CREATE TABLE ops (id INTEGER PRIMARY KEY, name TEXT, data BLOB);

CREATE TABLE names (tensor INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE variables (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE bindings (
    variable INTEGER, since INTEGER, place INTEGER, tensor INTEGER, PRIMARY KEY (variable, since, place)
) WITHOUT ROWID;

CREATE TABLE segments (start INTEGER PRIMARY KEY, step INTEGER, phase TEXT, before INTEGER);
CREATE INDEX segments_by_step ON segments (step, start);
CREATE TABLE turns (
    event INTEGER, depth INTEGER, loop TEXT, number INTEGER, since INTEGER, PRIMARY KEY (event, depth)
) WITHOUT ROWID;

CREATE TABLE writes (tensor INTEGER, what TEXT, event INTEGER, PRIMARY KEY (tensor, what, event)) WITHOUT ROWID;
CREATE TABLE rewritten (what TEXT, tensor INTEGER, PRIMARY KEY (what, tensor)) WITHOUT ROWID;
CREATE TABLE owners (grad INTEGER PRIMARY KEY, tensor INTEGER);
CREATE TABLE nodes (node INTEGER, how TEXT, event INTEGER, PRIMARY KEY (node, how, event)) WITHOUT ROWID;
CREATE TABLE losses (event INTEGER PRIMARY KEY, step INTEGER, value REAL);
CREATE TABLE health (
    tensor INTEGER, what TEXT, event INTEGER,
    min REAL, max REAL, mean REAL, norm REAL, zeros INTEGER, nan INTEGER, inf INTEGER, count INTEGER,
    PRIMARY KEY (tensor, what, event)
) WITHOUT ROWID;

CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE);
CREATE TABLE blocks (first INTEGER PRIMARY KEY, count INTEGER, kinds BLOB, lines BLOB, names BLOB, nodes BLOB);

CREATE VIEW walk AS
    SELECT e.number, 'step' || s.step || '/' || s.phase || '/' || (e.number - s.start + 1 + s.before) AS address,
        s.step, s.phase, e.number - s.start + 1 + s.before AS position, e.kind, e.line, e.name, e.node
    FROM events e
    JOIN segments s ON s.start = (SELECT start FROM segments WHERE start <= e.number ORDER BY start DESC LIMIT 1);
CREATE VIEW tensor_writes AS
    SELECT n.name, w.what, w.event, k.address, k.kind, k.line, w.tensor
    FROM names n JOIN writes w ON w.tensor = n.tensor JOIN walk k ON k.number = w.event;
CREATE VIEW loss AS
    SELECT step, event, value FROM losses ORDER BY event;
CREATE VIEW norms AS
    SELECT n.name AS parameter, h.what, k.step, h.event, h.norm, h.min, h.max, h.mean, h.zeros, h.nan, h.inf, h.count
    FROM health h JOIN names n ON n.tensor = h.tensor JOIN walk k ON k.number = h.event;
"""

_MADE = {found[1]: found[0].rstrip(";") for found in re.finditer(r"(?s)CREATE TABLE (\w+) \(.*?;", TABLES)}


def strange(made: Mapping[str, str | None]) -> str:
    """The name of a table that is missing or is not made as gradb makes it, empty where there is none.

    `made` has the SQL of each table. What SQLite would compute while it reads (a virtual table, a generated column, a
    view of a table's name) is not gradb's. Tables, views and indexes of other names are not looked at.
    """
    return next((name for name, sql in _MADE.items() if made.get(name) != sql), "")
