"""Days as the console asks for them."""

from datetime import date
from typing import Annotated

from pydantic import Field

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
"""One with others before and after it, in any zone."""
