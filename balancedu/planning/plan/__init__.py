"""The cheapest set of whole-unit changes after which the resource part is met."""

from __future__ import annotations
