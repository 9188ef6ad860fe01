"""The pages of the documentation and their code blocks."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HOW_TO = ROOT / "docs" / "how-to"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced code blocks of `page` in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def sessions() -> list[tuple[str, str]]:
    """Return each command in a console block, with the output that the page shows."""
    return [
        (command, output)
        for page in PAGES
        for block in blocks(page, "console")
        for command, _, output in (
            part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        )
    ]


def write_files(page: Path, folder: Path) -> None:
    """Write those Python blocks of `page` that begin with a file name to files in `folder`."""
    for block in blocks(page, "python"):
        if name := re.match(r"# (\S+\.py)\n", block):
            path = folder / name[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block)


def include_router(folder: Path, name: str) -> None:
    """Add a router of `backend/routes` to the application in `folder`, as a page says."""
    main = folder / "backend/main.py"
    [modules] = re.findall(r"^from backend.routes import (.+)$", main.read_text(), re.MULTILINE)
    sorted_modules = ", ".join(sorted({*modules.split(", "), name}))
    anchor = "    app.include_router(reports.router)\n"
    text = main.read_text().replace(modules, sorted_modules)
    main.write_text(text.replace(anchor, f"{anchor}    app.include_router({name}.router)\n"))
