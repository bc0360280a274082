import re
from pathlib import Path

import sluice_notifier
from sluice_notifier.storage.tables import Base

VERSIONS = Path(sluice_notifier.__file__).parent / "storage" / "migrations" / "versions"


def test_the_models_name_the_columns_that_the_migrations_make():
    sql = "\n".join(path.read_text() for path in sorted(VERSIONS.glob("*.py")))
    for table in Base.metadata.tables.values():
        body = re.search(rf"CREATE TABLE {table.name} \((.*?)\n    \)\n", sql, re.DOTALL)[1]
        made = re.findall(
            r"^        ([a-z_]+) (?:uuid|text|integer|real|timestamptz|jsonb|boolean)", body, re.MULTILINE
        )
        assert made == [column.name for column in table.columns]
        for index in table.indexes:
            assert re.search(rf"INDEX {index.name} ON {table.name} ", sql)
