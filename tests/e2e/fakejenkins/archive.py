"""Artifacts: Ant's globs, and the copies that a build keeps."""

import io
import os
import re
import shutil
import zipfile


def pattern_of(glob):
    """A regular expression for one of Ant's globs: ** spans folders, * and ? do not."""
    glob = glob.strip().removeprefix("./")
    if glob.endswith("/"):
        glob += "**"
    parts = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", glob)
    made = {"**/": "(?:.*/)?", "/**": "(?:/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(made.get(part, re.escape(part)) for part in parts) + r"\Z")


def matches(workspace, globs):
    """Relative paths of the files that match a comma list of globs; links that lead out are left out."""
    patterns = [pattern_of(glob) for glob in globs.split(",") if glob.strip()]
    inside = os.path.realpath(workspace) + os.sep
    found = []
    for folder, _, files in os.walk(workspace):
        for name in files:
            path = os.path.relpath(os.path.join(folder, name), workspace)
            real = os.path.realpath(os.path.join(folder, name))
            if any(pattern.match(path) for pattern in patterns) and real.startswith(inside) and os.path.isfile(real):
                found.append(path)
    return sorted(found)


def keep(workspace, globs, target):
    """Copy what matches; the relative paths."""
    found = matches(workspace, globs)
    for path in found:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(workspace / path, target / path)
    return found


def zipped(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed.write(path, f"archive/{path.relative_to(folder)}")
    return buffer.getvalue()
