"""The cheapest set of whole-unit changes after which the resource part is met."""
