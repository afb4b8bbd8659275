"""What it cost: dated rates, modifiers, model-id forms.

`book.PriceBook` answers what a model cost at a moment, with `Rates` or with `Unpriced` and the reason. Behind
it: `table` holds the list prices and the rules on top of them, `model_ids` reads the spellings of a model id,
`overrides` a person's own prices; `check` compares the table with another one. Names are imported from their
modules, so that a command pays only for what it uses.
"""
