"""Charter C8: every stored column has a purpose and a lifetime, no key has a row order, migrations make the tables."""

from bonafides.kit.migrate import assert_schema_matches
from bonafides.kit.roworder import rewrite_all, tables_with_row_order
from bonafides.offices.issuer.schema import metadata
from tests.issuer.conftest import World
from tests.issuer.test_enrolment import BOTH


@BOTH
def test_migrations_make_exactly_these_tables(world: World) -> None:
    assert_schema_matches(world.issuer.database, metadata)


def test_no_table_has_an_order_of_rows() -> None:
    assert tables_with_row_order(metadata) == set()


def test_every_column_says_what_for_and_how_long() -> None:
    for table in metadata.sorted_tables:
        for column in table.columns:
            assert set(column.info) == {"purpose", "lifetime"}, f"{table.name}.{column.name}"


@BOTH
def test_rewriting_keeps_every_row(world: World) -> None:
    for _ in range(3):
        world.person().enrol()
    before = world.dump()
    rewrite_all(world.issuer.database)
    assert world.dump() == before
