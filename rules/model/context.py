"""What rules see around a zone; see `zonelint.rules.model.repository`."""

from zonelint.rules.model.repository import Context as Context
