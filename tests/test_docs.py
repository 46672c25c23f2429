"""The documentation says what the code does: columns, codes, settings, commands, endpoints."""

import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute
from scripts.write_docs import PAGES, error_codes

from bonafides.kit.clock import SystemClock
from bonafides.testing.deployment import Town

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_lists_are_what_the_code_has() -> None:
    for name, page in PAGES.items():
        assert (DOCS / name).read_text("utf-8") == page(), f"docs/{name} is out of date: run make docs"


def test_codes_have_one_form() -> None:
    codes = error_codes()
    assert len(codes) > 100
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z0-9_]{1,63}", code)] == []


def test_every_endpoint_is_in_the_wire_page(tmp_path: Path) -> None:
    text = (DOCS / "wire.md").read_text("utf-8")
    with Town(tmp_path, SystemClock(), platform_names=("a",)) as town:
        apps = town.apps
        assert len(apps) == 2
        for app in apps:
            for method, path in endpoints(app):
                assert f"`{method} {path}`" in text, f"{method} {path} is not in docs/wire.md"


def endpoints(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route of an application."""
    found: list[tuple[str, str]] = []
    pending = list(app.routes)
    while pending:
        route = pending.pop()
        if isinstance(route, APIRoute):
            found += [(method, route.path) for method in route.methods or ()]
        pending += list(getattr(getattr(route, "original_router", None), "routes", []))
    assert found
    return found


def test_every_module_says_what_it_is() -> None:
    source = DOCS.parent / "src" / "bonafides"
    silent = [
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if path.stat().st_size > 0 and not path.read_text("utf-8").startswith('"""')
    ]
    assert silent == []


def test_every_attack_on_the_page_is_a_test() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in (DOCS.parent / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "attacks.md").read_text("utf-8")))
    assert len(named) > 40
    assert [name for name in sorted(named) if f"def {name}(" not in tests] == []
