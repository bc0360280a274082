"""What all tables of the risk index have in common."""

from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, MetaData, Text
from sqlmodel import SQLModel

SCHEMA = "risk_index"


class Base(SQLModel):
    """The base of these tables, apart from any other service's."""

    metadata = MetaData(schema=SCHEMA)


def moment(*, nullable: bool = False) -> Any:
    """Return a column of points in time."""
    return Column(DateTime(timezone=True), nullable=nullable)


def text_column(*, nullable: bool = False, primary_key: bool = False) -> Any:
    """Return a column of text."""
    return Column(Text, nullable=nullable, primary_key=primary_key)


def texts() -> Any:
    """Return a column of several texts."""
    return Column(ARRAY(Text), nullable=False)
